/* Case 29: SIGPROF in a loop that allocates, while its handler takes its time once: what comes meanwhile merges, and ticks
 * come again afterwards. */
/* also: helper-concurrent */
#include "common.h"
static volatile int ticks;
static void handler(int sig)
{
    struct timespec t = {0, 300000000}; /* the loop goes on, where the handler has a thread of its own: 75 ticks and more */
    if (ticks++ == 5)
        nanosleep(&t, NULL);
}
int main(void)
{
    struct itimerval it = {{0, 1000}, {0, 1000}}, off = {{0, 0}, {0, 0}};
    void *p[64] = {0};
    on(SIGPROF, handler, SA_RESTART);
    setitimer(ITIMER_PROF, &it, NULL);
    int64_t end = now_ms() + DEADLINE_MS;
    for (unsigned k = 0; ticks < 60 && (k % 4096 || now_ms() < end); k++) {
        free(p[k % 64]);
        p[k % 64] = malloc(16 + k % 2000);
    }
    setitimer(ITIMER_PROF, &off, NULL);
    out("ticks %d\n", ticks >= 60);
    return 0;
}
