/* Case 27: one that was accepted is handled, however long RLIMIT_SIGPENDING is used up from then on, and on the alternate stack that
 * its handler wants. */
/* needs: root */
/* modes: default interruption-point-auto interruption-point-direct safe-point-direct now-direct traced-direct */
#include "sigpending.h"
#define ROUNDS 300
static volatile int odd, elsewhere;
static volatile int *handled;
static char stack[65536];
static void handler(int sig, siginfo_t *si, void *uc)
{
    char here;
    odd += si->si_value.sival_int != n || si->si_code != SI_QUEUE || si->si_pid == 0 || si->si_errno != 0;
    elsewhere += &here < stack || &here >= stack + sizeof stack;
    *handled = ++n;
}

/* Sends one, uses up all the rest of the queue, and gives nothing back before it has been handled. */
static pid_t sender(void)
{
    pid_t parent = getpid(), pid = child();
    if (pid == 0) {
        block(SIGRTMIN);
        for (int k = 0; k < ROUNDS; k++) {
            CHECK(send_number(parent, k) == 0);
            for (int64_t end = now_ms() + DEADLINE_MS; *handled <= k && now_ms() < end;)
                fill();
            drain();
        }
        _exit(0);
    }
    return pid;
}

int main(void)
{
    handled = shared(64);
    with_few_queued(65000, stack, sizeof stack, handler);
    pid_t sends = sender();
    allocate_until(ROUNDS, now_ms() + DEADLINE_MS);
    out("arrived %d, whole %d, on the alternate stack %d\n", n, !odd, !elsewhere);
    reap(sends);
    return 0;
}
