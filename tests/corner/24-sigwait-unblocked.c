/* Case 24: a thread waits for a signal that it catches and does not block. What comes while it waits is its own, and no handler
 * runs. */
#include "common.h"
static volatile int n;
static void handler(int sig) { n++; }

int main(void)
{
    const struct timespec long_enough = {DEADLINE_MS / 1000, 0};
    sigset_t set = set_of(SIGUSR1, SIGRTMIN, 0);
    on(SIGUSR1, handler, 0);
    on(SIGRTMIN, handler, 0);
    for (int i = 0; i < 10; i++) {
        int sig = i % 2 ? SIGUSR1 : SIGRTMIN;
        siginfo_t info;
        pid_t p = kill_when_asleep(sig);
        int r = sigtimedwait(&set, &info, &long_enough);
        CHECK(r == sig && info.si_pid == p && info.si_code == SI_USER && n == 0);
        reap(p);
    }
    /* And before and after, its handler runs. */
    kill(getpid(), SIGUSR1);
    out("handled %d\n", n);
    reap(kill_when_asleep(SIGUSR1));
    out("handled %d\n", n);
    return 0;
}
