/* Case 27: RLIMIT_SIGPENDING is used up now and then, by another of the user's processes. What was accepted for one thread arrives, in
 * order, also where its handler wants an alternate stack, which only the kernel can give. */
/* needs: root */
#include "sigpending.h"
#define MANY 1000
static volatile int odd;
static char stack[65536];
static void handler(int sig, siginfo_t *si, void *uc)
{
    odd += si->si_value.sival_int != n;
    n++;
}

/* Fills the user's queue, and empties it. */
static pid_t filler(void)
{
    pid_t pid = child();
    if (pid == 0) {
        block(SIGRTMIN);
        for (;;) {
            while (fill() == 0)
                ;
            usleep(20);
            drain();
        }
    }
    return pid;
}

static pid_t sender(void)
{
    pid_t parent = getpid(), pid = child();
    if (pid == 0) {
        for (int k = 0; k < MANY;) {
            if (send_number(parent, k) == 0)
                k++;
        }
        _exit(0);
    }
    return pid;
}

int main(void)
{
    with_few_queued(60000, stack, sizeof stack, handler);
    pid_t fills = filler(), sends = sender();
    allocate_until(MANY, now_ms() + 3 * DEADLINE_MS);
    out("arrived %d, in order %d\n", n == MANY, !odd);
    kill(fills, SIGKILL);
    reap(fills), reap(sends);
    return 0;
}
