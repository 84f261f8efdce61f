/* Case 23: every thread is in a loop that calls nothing; main joins, so main is parked; and main spins while a
 * thread is parked. Process-directed and timer signals arrive all the same. */
/* also: helper-concurrent */
#include "common.h"
static volatile int n;
static void handler(int sig) { n++; }
static void *spin(void *arg) { while (n < (long)arg) __asm__ volatile("pause"); return NULL; }
static void *park(void *arg) { int fd = (int)(long)arg; char c; while (read(fd, &c, 1) < 0) { } return NULL; }
int main(void)
{
    pthread_t t;
    int p[2];
    struct itimerval it = {{0, 0}, {0, 10000}};
    on(SIGALRM, handler, SA_RESTART);
    for (long k = 1; k <= 3; k++) {
        setitimer(ITIMER_REAL, &it, NULL);
        pthread_create(&t, NULL, spin, (void *)k);
        pthread_join(t, NULL);
    }
    CHECK(pipe(p) == 0);
    pthread_create(&t, NULL, park, (void *)(long)p[0]);
    for (int k = 4; k <= 6; k++) {
        setitimer(ITIMER_REAL, &it, NULL);
        while (n < k)
            __asm__ volatile("pause");
    }
    CHECK(write(p[1], "x", 1) == 1);
    pthread_join(t, NULL);
    out("handled %d\n", n);
    return 0;
}
