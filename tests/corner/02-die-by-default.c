/* Case 2: a program that caught a signal, set SIG_DFL and goes on is killed by the next one, parked or busy;
 * main itself dies by SIGTERM at the end, so the exit status shows it. */
#include "common.h"
static volatile sig_atomic_t n;
static void handler(int sig) { n++; }
int main(void)
{
    char b[40];
    for (int busy = 0; busy < 2; busy++) {
        volatile int *ready = shared(4096);
        pid_t p = child();
        if (p == 0) {
            on(SIGTERM, handler, 0);
            raise(SIGTERM);
            signal(SIGTERM, SIG_DFL);
            *ready = n;
            for (;;)
                if (!busy)
                    pause();
        }
        CHECK(AWAIT(*ready == 1));
        kill(p, SIGTERM);
        out("%s: %s\n", busy ? "busy" : "parked", ended(reap(p), b));
    }
    on(SIGTERM, handler, SA_RESETHAND);
    raise(SIGTERM);
    out("handled %d\n", (int)n);
    kill(getpid(), SIGTERM);
    out("FAIL alive\n");
    return 0;
}
