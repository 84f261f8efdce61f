/* finds: errno-spoiled handler=on_alarm signal=SIGALRM */
#include "common.h"

static void on_alarm(int signo)
{
    int saved = errno;
    close(-1);
    if (IF_DEFECT(0, 1))
        errno = saved;
    handled = 1;
}

int main(void)
{
    catch_signal(SIGALRM, on_alarm, SA_RESTART, 0);
    later(SIGALRM, 1000, 0);
    spin_until(&handled, 1);
    return 0;
}
