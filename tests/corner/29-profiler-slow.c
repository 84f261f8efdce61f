/* Case 29: SIGPROF in a loop that allocates, while its handler takes its time once: what comes meanwhile merges, and ticks
 * come again afterwards. */
/* also: helper-concurrent */
#include "profiled.h"
static void handler(int sig)
{
    struct timespec t = {0, 300000000}; /* the loop goes on, where the handler has a thread of its own: 75 ticks and more */
    if (ticks++ == 5)
        nanosleep(&t, NULL);
}
int main(void)
{
    profiled(handler, 60);
    return 0;
}
