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
    return one_alarm(on_alarm);
}
