/* finds: handler-slow handler=on_alarm signal=SIGALRM */
#include "common.h"

static void on_alarm(int signo)
{
    spin(IF_DEFECT(0.15, 0.001));
    handled = 1;
}

int main(void)
{
    catch_signal(SIGALRM, on_alarm, SA_RESTART, 0);
    later(SIGALRM, 1000, 0);
    wait_until(&handled, 1);
    return 0;
}
