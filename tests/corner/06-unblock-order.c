/* Case 6: several signals pending at once: all are handled before the unblocking call returns, standard ones
 * merged, real-time ones each and in order among themselves. */
#include "common.h"
static volatile int seen[32], n;
static void handler(int sig) { if (n < 32) seen[n] = sig; n++; }
int main(void)
{
    sigset_t all, old;
    sigfillset(&all);
    on(SIGHUP, handler, 0), on(SIGUSR1, handler, 0), on(SIGRTMIN + 1, handler, 0), on(SIGRTMIN + 2, handler, 0);
    sigprocmask(SIG_BLOCK, &all, &old);
    for (int k = 0; k < 3; k++)
        raise(SIGRTMIN + 2), raise(SIGUSR1), kill(getpid(), SIGRTMIN + 1), raise(SIGHUP);
    out("pending %llx\n", (unsigned long long)my_pending());
    sigprocmask(SIG_SETMASK, &old, NULL);
    int count[65] = {0}, total = n;
    for (int k = 0; k < total && k < 32; k++)
        count[seen[k]]++;
    out("total %d hup %d usr1 %d rt1 %d rt2 %d\n", total, count[SIGHUP], count[SIGUSR1], count[SIGRTMIN + 1], count[SIGRTMIN + 2]);
    out("pending %llx\n", (unsigned long long)my_pending());
    return 0;
}
