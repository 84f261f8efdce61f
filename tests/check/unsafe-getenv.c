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
    catch_signal(SIGALRM, on_alarm, SA_RESTART, 0);
    later(SIGALRM, 1000, 0);
    wait_until(&handled, 1);
    return 0;
}
