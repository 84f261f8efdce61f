/* Case 16: a handler that unblocks its own signal, blocks others, or waits in sigsuspend; all is undone on return. */
/* not: helper (it sends signals to itself and waits for them: that is tied to its thread) */
#include "common.h"
static volatile int n, terms;
static void term(int sig) { terms++; }
static void handler(int sig)
{
    int me = ++n;
    sigset_t none;
    sigemptyset(&none);
    if (me == 1) {
        unblock(SIGUSR1);
        raise(SIGUSR1);
        out("in 1: n %d mask %llx\n", n, (unsigned long long)my_mask());
        block(SIGALRM), block(SIGTERM);
        raise(SIGTERM);
        out("in 1: terms %d\n", terms);
    } else if (me == 2) {
        out("in 2: mask %llx\n", (unsigned long long)my_mask());
        block(SIGTERM);
        raise(SIGTERM);
        int r = sigsuspend(&none);
        out("in 2: %d %s terms %d mask %llx\n", r, strerrorname_np(errno), terms, (unsigned long long)my_mask());
    }
}
int main(void)
{
    on(SIGUSR1, handler, 0), on(SIGTERM, term, 0);
    raise(SIGUSR1);
    out("after: n %d terms %d mask %llx\n", n, terms, (unsigned long long)my_mask());
    n = 1;
    pid_t p = kill_when_asleep(SIGUSR1);
    int r = pause();
    out("pause %d terms %d mask %llx\n", r, terms, (unsigned long long)my_mask());
    reap(p);
    return 0;
}
