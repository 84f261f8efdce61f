/* Case 25: a scheduler: the timer's handler saves and swaps contexts (preemptive coroutines). */
/* not: helper */
/* limit: 30 */
#include "common.h"
static ucontext_t ctx[3];
static char stack[2][131072];
static volatile int current, switches, work[3];
static void handler(int sig)
{
    int from = current, to = (current + 1) % 3;
    switches++;
    current = to;
    swapcontext(&ctx[from], &ctx[to]);
}
static void body(int i)
{
    unblock(SIGALRM);
    for (;;) {
        __asm__ volatile("pause");
        work[i]++;
    }
}
int main(void)
{
    struct itimerval it = {{0, 11000}, {0, 11000}}, off = {{0, 0}, {0, 0}};
    for (int i = 0; i < 2; i++) {
        getcontext(&ctx[i]);
        ctx[i].uc_stack.ss_sp = stack[i];
        ctx[i].uc_stack.ss_size = sizeof stack[i];
        sigaddset(&ctx[i].uc_sigmask, SIGALRM); /* a tick within the very switch would save half a context */
        makecontext(&ctx[i], (void (*)(void))body, 1, i);
    }
    current = 2;
    on(SIGALRM, handler, SA_RESTART);
    setitimer(ITIMER_REAL, &it, NULL);
    /* Ticks that had to wait come in a row, and contexts in between do not get to work: until each has. */
    CHECK(SPIN(switches >= 15 && work[0] && work[1]));
    setitimer(ITIMER_REAL, &off, NULL);
    out("each worked %d mask %llx\n", work[0] > 0 && work[1] > 0, (unsigned long long)my_mask());
    return 0;
}
