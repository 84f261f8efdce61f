/* Semantics: alarm gives back the rest, alarm(0) cancels, sleep and alarm live together, getitimer; ITIMER_REAL with
 * an interval under pause: exact counts. */
#include "common.h"
static volatile int n;
static void handler(int sig) { n++; }
int main(void)
{
    on(SIGALRM, handler, 0);
    out("%u\n", alarm(100));
    unsigned r = alarm(50);
    out("%d\n", r == 100 || r == 99);
    r = alarm(0);
    out("%d %u\n", r == 50 || r == 49, alarm(0));
    struct itimerval it = {{0, 20000}, {0, 20000}}, off = {{0, 0}, {0, 0}}, now;
    setitimer(ITIMER_REAL, &it, NULL);
    for (int k = 1; k <= 5; k++)
        if (pause() != -1 || errno != EINTR || n < k)
            out("FAIL pause\n");
    getitimer(ITIMER_REAL, &now);
    out("interval %ld\n", (long)now.it_interval.tv_usec);
    setitimer(ITIMER_REAL, &off, NULL);
    int at = n;
    usleep(50000);
    out("quiet %d\n", n - at <= 1);
    signal(SIGALRM, SIG_IGN);
    ualarm(1000, 0);
    usleep(5000);
    out("ignored %d\n", n - at <= 1);
    return 0;
}
