/* Case 27: of several pending real-time signals sigwaitinfo takes the lowest first, each in the order of its values;
 * handlers that mask one another run lowest first, too. */
/* not: helper-concurrent */
#include "common.h"
static volatile int seen[64], n;
static void handler(int sig, siginfo_t *si, void *u) { if (n < 64) seen[n++] = (sig - SIGRTMIN) * 10 + si->si_value.sival_int; }
int main(void)
{
    sigset_t s;
    struct sigaction a;
    struct timespec zero = {0, 0};
    siginfo_t si;
    sigemptyset(&s);
    for (int k = 1; k < 5; k++)
        sigaddset(&s, SIGRTMIN + k);
    memset(&a, 0, sizeof a);
    a.sa_sigaction = handler, a.sa_flags = SA_SIGINFO, a.sa_mask = s;
    for (int k = 1; k < 5; k++)
        CHECK(sigaction(SIGRTMIN + k, &a, NULL) == 0);
    raise(SIGRTMIN + 1);
    n = 0;
    sigprocmask(SIG_BLOCK, &s, NULL);
    for (int turn = 0; turn < 2; turn++) {
        pid_t me = getpid(), p = turn ? child() : 0;
        if (p == 0) {
            for (int v = 0; v < 3; v++)
                for (int k = 4; k > 0; k--)
                    sigqueue(me, SIGRTMIN + k, (union sigval){v});
            if (turn)
                _exit(0);
        } else {
            reap(p);
        }
        if (turn == 0) {
            while (sigtimedwait(&s, &si, &zero) > 0)
                out("%d/%d ", si.si_signo - SIGRTMIN, si.si_value.sival_int);
            out("\n");
        } else {
            sigprocmask(SIG_UNBLOCK, &s, NULL);
            for (int k = 0; k < n; k++)
                out("%d/%d ", seen[k] / 10, seen[k] % 10);
            out("\n");
        }
    }
    return 0;
}
