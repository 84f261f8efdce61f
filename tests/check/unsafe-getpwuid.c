/* finds: unsafe-call called=getpwuid handler=on_alarm signal=SIGALRM */
#include "common.h"
#include <pwd.h>

static void on_alarm(int signo)
{
#ifdef CLEAN
    say("root");
#else
    if (!getpwuid(0))
        say("none");
#endif
    handled = 1;
}

int main(void)
{
    return one_alarm(on_alarm);
}
