/* Semantics: 3,000 real-time signals from two processes to a program that allocates, sleeps and forks: none lost. */
/* also: helper-concurrent */
/* limit: 40 */
#include "common.h"
static volatile int n, bad, next_[2];
static void handler(int sig, siginfo_t *si, void *u)
{
    int v = si->si_value.sival_int, w = v & 1;
    if (v >> 1 != next_[w])
        bad++;
    next_[w] = (v >> 1) + 1;
    n++;
}
int main(void)
{
    pid_t me = getpid(), p[2];
    on_info(SIGRTMIN + 3, handler, SA_RESTART);
    for (int w = 0; w < 2; w++) {
        p[w] = child();
        if (p[w] == 0) {
            for (int k = 0; k < 1500; k++)
                while (sigqueue(me, SIGRTMIN + 3, (union sigval){k << 1 | w}) && errno == EAGAIN)
                    usleep(100);
            _exit(0);
        }
    }
    int64_t end = now_ms() + 20000;
    for (unsigned k = 0; n < 3000 && now_ms() < end; k++) {
        free(malloc(100 + k % 1000));
        if (k % 50 == 0)
            usleep(10);
        if (k % 20000 == 1) {
            pid_t q = fork();
            if (q == 0)
                _exit(0);
            reap(q);
        }
    }
    reap(p[0]), reap(p[1]);
    out("handled %d out of order %d\n", n, bad);
    return 0;
}
