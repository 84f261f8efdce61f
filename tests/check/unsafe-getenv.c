/* finds: unsafe-call called=getenv handler=on_alarm signal=SIGALRM */
#include "common.h"

static const char *volatile home;

static void on_alarm(int signo)
{
#ifdef CLEAN
    home = "/";
#else
    home = getenv("HOME");
#endif
    handled = 1;
}

int main(void)
{
    return one_alarm(on_alarm);
}
