/* finds: wakeup-blocking handler=on_alarm signal=SIGALRM verdict=potential */
#include "wakeup.h"

int main(void)
{
    if (pipe2(wake, IF_DEFECT(0, O_NONBLOCK)))
        return 3;
    return one_alarm(on_alarm);
}
