/* Case 23: exact tick counts: five hundred signals, each sent only after the one before was handled, to a program
 * that sleeps, allocates or spins in turn. */
/* limit: 40 */
#include "common.h"
static volatile int *n, *over;
static void handler(int sig) { ++*n; }
int main(void)
{
    pid_t me = getpid();
    n = shared(4096), over = shared(4096);
    on(SIGUSR1, handler, SA_RESTART);
    pid_t p = child();
    if (p == 0) {
        for (int k = 1; k <= 500; k++) {
            kill(me, SIGUSR1);
            while (*n < k)
                __asm__ volatile("pause");
        }
        *over = 1;
        _exit(0);
    }
    for (unsigned k = 0; !*over; k++) {
        struct timespec t = {0, 1000};
        if (*n % 100 < 95)
            nanosleep(&t, NULL);
        else
            for (int i = 0; i < 1000; i++)
                free(malloc(i + 1u));
    }
    reap(p);
    out("handled %d\n", *n);
    return 0;
}
