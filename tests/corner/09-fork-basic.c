/* Case 9: a child that never execs has its parent's handlers and mask, and gets its own signals only. */
#include "common.h"
static volatile sig_atomic_t n;
static void handler(int sig) { n++; }
int main(void)
{
    char b[40];
    on(SIGUSR1, handler, 0), on(SIGTERM, handler, SA_RESTART);
    raise(SIGUSR1);
    block(SIGTERM);
    kill(getpid(), SIGTERM);
    for (int k = 0; k < 3; k++) {
        volatile int *state = shared(4096);
        pid_t p = child();
        if (p == 0) {
            n = 0;
            out("child mask %llx pending %llx\n", (unsigned long long)my_mask(), (unsigned long long)my_pending());
            if (k == 1)
                raise(SIGUSR1);
            *state = 1;
            if (k == 2)
                (void)SPIN(n == 1);
            else
                while (n < (k == 1 ? 2 : 1))
                    pause();
            out("child handled %d\n", (int)n);
            _exit(4);
        }
        CHECK(AWAIT(*state) && (k == 2 || asleep(p, p)));
        kill(p, SIGUSR1);
        out("%s\n", ended(reap(p), b));
    }
    out("parent handled %d pending %llx\n", (int)n, (unsigned long long)my_pending());
    unblock(SIGTERM);
    out("parent handled %d\n", (int)n);
    return 0;
}
