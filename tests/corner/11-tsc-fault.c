/* Case 11: the time stamp counter faults, and the handler jumps away, while signals come all the time: the clock, which
 * our own code reads as well, is made of it. */
/* not: jitter */
#include "common.h"
static sigjmp_buf env;
static volatile int faults, n, over;
static void fault(int sig) { faults++, siglongjmp(env, 1); }
static void handler(int sig) { n++; }
int main(void)
{
    pid_t me = getpid(), p;
    on(SIGUSR1, handler, SA_RESTART);
    on(SIGUSR2, handler, SA_RESTART);
    p = child();
    if (p == 0) {
        prctl(PR_SET_TSC, PR_TSC_ENABLE);
        for (int k = 0; k < 400; k++) {
            kill(me, SIGUSR1);
            usleep(500);
        }
        for (;;) {
            kill(me, SIGUSR2);
            usleep(500);
        }
    }
    CHECK(prctl(PR_SET_TSC, PR_TSC_SIGSEGV) == 0);
    /* No interruption point, and no clock, in here. */
    for (volatile long k = 0; n < 300 && k < 300000000; k++)
        if (k % 64 == 0) {
            on(SIGSEGV, fault, SA_NODEFER);
            if (sigsetjmp(env, 1) == 0)
                __asm__ volatile("rdtsc" ::: "eax", "edx");
        }
    out("handled %d faults %d\n", n >= 300, faults > 300);
    kill(p, SIGKILL);
    reap(p);
    return 0;
}
