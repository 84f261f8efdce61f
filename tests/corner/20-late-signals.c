/* Case 20: a process that is bombarded while it exits ends with its own status, fifty times. */
#include "common.h"
static volatile sig_atomic_t n;
static void handler(int sig) { n++; }
int main(void)
{
    int good = 0;
    for (int k = 0; k < 50; k++) {
        volatile int *ready = shared(4096);
        pid_t p = child();
        if (p == 0) {
            on(SIGUSR1, handler, SA_RESTART), on(SIGRTMIN, handler, 0);
            *ready = 1;
            free(malloc(100));
            exit(9);
        }
        CHECK(AWAIT(*ready));
        for (int i = 0; i < 30; i++)
            kill(p, i % 2 ? SIGUSR1 : SIGRTMIN);
        int st = reap(p);
        good += WIFEXITED(st) && WEXITSTATUS(st) == 9;
        munmap((void *)ready, 4096);
    }
    out("good %d\n", good);
    return 0;
}
