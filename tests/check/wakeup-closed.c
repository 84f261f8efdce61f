/* finds: wakeup-closed handler=on_alarm signal=SIGALRM verdict=native */
#include "wakeup.h"

int main(void)
{
    if (pipe2(wake, O_NONBLOCK))
        return 3;
    catch_signal(SIGALRM, on_alarm, SA_RESTART, 0);
    if (IF_DEFECT(1, 0))
        close(wake[1]);
    later(SIGALRM, 1000, 0);
    wait_until(&handled, 1);
    return 0;
}
