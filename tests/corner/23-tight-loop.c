/* Case 23: a loop that calls nothing, not even the clock: the handler still comes, for each of many rounds. */
#include "common.h"
static volatile int n;
static void handler(int sig) { n++; }
int main(void)
{
    pid_t me = getpid();
    volatile int *go = shared(4096);
    on(SIGUSR1, handler, 0);
    pid_t p = child();
    if (p == 0) {
        for (int k = 1; k <= 10; k++) {
            while (*go < k)
                __asm__ volatile("pause");
            kill(me, SIGUSR1);
        }
        _exit(0);
    }
    for (int k = 1; k <= 10; k++) {
        *go = k;
        while (n < k)
            __asm__ volatile("pause");
    }
    reap(p);
    out("handled %d\n", n);
    return 0;
}
