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
    catch_signal(SIGALRM, on_alarm, SA_RESTART, 0);
    later(SIGALRM, 1000, 0);
    wait_until(&handled, 1);
    return 0;
}
