/* finds: exit-in-handler called=quick_exit handler=on_alarm signal=SIGALRM */
#include "common.h"

static void on_alarm(int signo)
{
    IF_DEFECT(quick_exit(0), _Exit(0));
}

int main(void)
{
    catch_signal(SIGALRM, on_alarm, 0, 0);
    later(SIGALRM, 1000, 0);
    for (;;)
        usleep(1000);
}
