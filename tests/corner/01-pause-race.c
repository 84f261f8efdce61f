/* Case 1: while (!flag) pause(), three hundred rounds with the signal at any moment; natively a wake-up that falls
 * between the check and the call is lost. */
/* native: loses (the signal comes between the check and pause) */
/* expect: ok */
/* not: now safe-point (they may cut in between the check and the call) */
#include "common.h"
#include <sched.h>
static volatile sig_atomic_t flag;
static void handler(int sig) { flag = 1; }
int main(void)
{
    volatile int *go = shared(4096);
    on(SIGUSR1, handler, 0);
    pid_t me = getpid(), p = child();
    if (p == 0) {
        for (int k = 1; k <= 300; k++) {
            while (*go < k)
                sched_yield();
            for (volatile int i = 0; i < k * 17 % 4000; i++)
                ;
            kill(me, SIGUSR1);
        }
        _exit(0);
    }
    for (int k = 1; k <= 300; k++) {
        flag = 0;
        *go = k;
        while (!flag) {
            for (volatile int work = 0; work < 4000; work++)
                ; /* what a program does between its check and the call */
            pause();
        }
    }
    reap(p);
    out("ok\n");
    return 0;
}
