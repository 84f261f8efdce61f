/* finds: handler-slow handler=on_alarm signal=SIGALRM */
#include "common.h"

static void on_alarm(int signo)
{
    struct timespec t = {0, IF_DEFECT(150000000, 1000)};
    int saved = errno;
    nanosleep(&t, NULL);
    errno = saved;
    handled = 1;
}

int main(void)
{
    catch_signal(SIGALRM, on_alarm, SA_RESTART, 0);
    later(SIGALRM, 1000, 0);
    wait_until(&handled, 1);
    return 0;
}
