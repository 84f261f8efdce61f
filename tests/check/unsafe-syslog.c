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
    return one_alarm(on_alarm);
}
