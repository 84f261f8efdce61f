/* finds: reset-race handler=on_alarm signal=SIGALRM */
#include "common.h"

static void on_alarm(int signo)
{
    if (IF_DEFECT(1, 0))
        __sysv_signal(SIGALRM, on_alarm);
    handled++;
}

int main(void)
{
    if (IF_DEFECT(1, 0))
        __sysv_signal(SIGALRM, on_alarm);
    else
        catch_signal(SIGALRM, on_alarm, SA_RESTART, 0);
    later(SIGALRM, 1000, 0);
    wait_until(&handled, 1);
    return 0;
}
