/* finds: handler-slow handler=on_alarm signal=SIGALRM */
#include "common.h"

static void on_alarm(int signo)
{
    spin(IF_DEFECT(0.15, 0.001));
    handled = 1;
}

int main(void)
{
    return one_alarm(on_alarm);
}
