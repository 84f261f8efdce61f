/* Case 27: a hundred real-time signals with their values arrive in order while blocked, parked and busy; several
 * numbers: lowest first when unblocked. */
/* also: helper-concurrent */
#include "common.h"
static volatile int n, bad, by_number[8];
static void handler(int sig, siginfo_t *si, void *u)
{
    int k = sig - SIGRTMIN;
    if (si->si_value.sival_int != by_number[k] || si->si_code != SI_QUEUE)
        bad++;
    by_number[k]++;
    n++;
}
static void burst(pid_t to)
{
    for (int k = 0; k < 100; k++)
        if (sigqueue(to, SIGRTMIN, (union sigval){k}))
            _exit(1);
}
int main(void)
{
    pid_t me = getpid();
    on_info(SIGRTMIN, handler, SA_RESTART);
    for (int how = 0; how < 4; how++) {
        n = by_number[0] = 0;
        if (how == 0)
            block(SIGRTMIN);
        pid_t tid = gettid_(), p = child();
        if (p == 0) {
            if (how == 2 && !asleep(me, tid))
                _exit(2);
            burst(me);
            _exit(0);
        }
        if (how == 0)
            CHECK(reap(p) == 0), unblock(SIGRTMIN);
        else if (how == 1)
            CHECK(SPIN(n == 100)), reap(p);
        else if (how == 2)
            CHECK(reap(p) == 0), CHECK(AWAIT(n == 100));
        else
            CHECK(AWAIT(n == 100)), reap(p);
        out("%d: handled %d bad %d\n", how, n, bad);
    }
    n = by_number[0] = 0;
    block(SIGRTMIN);
    burst(me);
    unblock(SIGRTMIN);
    out("self: handled %d bad %d\n", n, bad);
    return 0;
}
