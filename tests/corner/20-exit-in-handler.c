/* Case 20: _exit and exit in handlers, busy and parked: the status arrives and nothing hangs. */
#include "common.h"
static volatile int how;
static void bye(void) { out("atexit "); }
static void handler(int sig) { if (how) exit(40 + sig); else _exit(50 + sig); }
int main(void)
{
    char b[40];
    for (int k = 0; k < 6; k++) {
        volatile int *ready = shared(4096);
        pid_t p = child();
        if (p == 0) {
            how = k % 2;
            atexit(bye);
            on(SIGTERM, handler, 0);
            *ready = 1;
            if (k < 2)
                raise(SIGTERM);
            for (;;)
                if (k < 4)
                    pause();
        }
        CHECK(AWAIT(*ready) && (k < 2 || k >= 4 || asleep(p, p)));
        if (k >= 2)
            kill(p, SIGTERM);
        out("%s\n", ended(reap(p), b));
    }
    return 0;
}
