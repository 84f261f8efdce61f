/* The self-pipe. */
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
