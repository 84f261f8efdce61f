/* finds: wakeup-full handler=on_alarm signal=SIGALRM verdict=native */
#include "wakeup.h"

int main(void)
{
    char block[4096] = {0};
    if (pipe2(wake, O_NONBLOCK))
        return 3;
    if (IF_DEFECT(1, 0))
        while (write(wake[1], block, sizeof block) > 0)
            ;
    return one_alarm(on_alarm);
}
