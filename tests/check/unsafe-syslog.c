/* finds: unsafe-call called=syslog handler=on_alarm signal=SIGALRM */
#include "common.h"
#include <syslog.h>

static void on_alarm(int signo)
{
#ifdef CLEAN
    say("log\n");
#else
    syslog(LOG_DEBUG, "%d", signo);
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
