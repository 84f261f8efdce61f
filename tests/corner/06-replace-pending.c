/* Case 6: a pending signal is handled by whichever handler stands when it is unblocked; flags and mask, too. */
#include "common.h"
static volatile int a, b, c;
static void ha(int sig) { a++; }
static void hb(int sig) { b++; }
static void hc(int sig, siginfo_t *si, void *u) { c += si->si_value.sival_int; }
int main(void)
{
    pid_t me = getpid();
    on(SIGUSR1, ha, 0), on(SIGRTMIN, ha, 0);
    raise(SIGUSR1);
    block(SIGUSR1), block(SIGRTMIN);
    pid_t p = child();
    if (p == 0)
        _exit(kill(me, SIGUSR1) || sigqueue(me, SIGRTMIN, (union sigval){5}) || sigqueue(me, SIGRTMIN, (union sigval){6}));
    reap(p);
    on(SIGUSR1, hb, 0), on_info(SIGRTMIN, hc, SA_RESETHAND);
    unblock(SIGUSR1);
    out("%d %d %d\n", a, b, c);
    on_info(SIGRTMIN, hc, 0);
    unblock(SIGRTMIN);
    out("%d %d %d\n", a, b, c);
    block(SIGUSR1);
    raise(SIGUSR1);
    on(SIGUSR1, SIG_IGN, 0), on(SIGUSR1, ha, 0);
    unblock(SIGUSR1);
    out("%d %d %d\n", a, b, c);
    return 0;
}
