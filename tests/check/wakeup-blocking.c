/* finds: wakeup-blocking handler=on_alarm signal=SIGALRM verdict=potential */
#include "common.h"

static int wake[2];

static void on_alarm(int signo)
{
    int saved = errno;
    char c = 1;
    if (write(wake[1], &c, 1) < 0)
        c = 0;
    errno = saved;
    handled++;
}

int main(void)
{
    if (pipe2(wake, IF_DEFECT(0, O_NONBLOCK)))
        return 3;
    catch_signal(SIGALRM, on_alarm, SA_RESTART, 0);
    later(SIGALRM, 1000, 0);
    wait_until(&handled, 1);
    return 0;
}
