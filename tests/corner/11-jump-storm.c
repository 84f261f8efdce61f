/* Case 11: siglongjmp out of handlers thirty times, from blocking calls and from a busy loop, also out of two
 * nested handlers at once; masks are right each time. */
/* not: helper-concurrent */
#include "common.h"
static sigjmp_buf env;
static volatile sig_atomic_t nested;
static void inner(int sig) { siglongjmp(env, 2); }
static void outer(int sig) { if (nested) raise(SIGUSR2); siglongjmp(env, 1); }
int main(void)
{
    volatile int count[3] = {0}, bad = 0;
    pid_t me = getpid();
    on(SIGUSR1, outer, 0), on(SIGUSR2, inner, SA_RESTART);
    for (volatile int k = 0; k < 30; k++) {
        volatile pid_t p = -1;
        int r = sigsetjmp(env, 1);
        if (r == 0) {
            nested = k % 3 == 2;
            block(SIGUSR1); /* nobody may jump out of fork */
            p = child();
            if (p == 0)
                _exit(kill(me, SIGUSR1) ? 1 : 0);
            unblock(SIGUSR1);
            if (k % 2)
                for (;;)
                    pause();
            else
                for (;;)
                    __asm__ volatile("pause");
        }
        count[r]++;
        bad += my_mask() != 0;
        reap(p);
    }
    out("jumps %d nested %d bad masks %d\n", count[1], count[2], bad);
    return 0;
}
