/* Case 14: a signal that is blocked and ignored is queued by the kernel and vanishes when unblocked; set SIG_IGN
 * while pending: it is dropped; a handler installed before unblocking sees it. */
#include "common.h"
static volatile sig_atomic_t n;
static void handler(int sig) { n++; }
int main(void)
{
    pid_t me = getpid();
    static const int sigs[] = {SIGUSR1, SIGCHLD};
    for (int i = 0; i < 2; i++) {
        int s = sigs[i];
        for (int k = 0; k < 4; k++) {
            n = 0;
            on(s, handler, 0);
            raise(s);
            block(s);
            signal(s, SIG_IGN);
            if (k == 1)
                on(s, handler, 0);
            if (s == SIGUSR1) {
                pid_t p = child();
                if (p == 0)
                    _exit(kill(me, s));
                reap(p);
            } else {
                kill(me, s);
            }
            out("%d %d: pending %d ", s, k, !!my_pending());
            if (k == 1)
                signal(s, SIG_IGN);
            if (k == 2)
                on(s, handler, 0);
            out("%d ", !!my_pending());
            if (k == 3)
                signal(s, SIG_DFL), signal(s, SIG_IGN);
            unblock(s);
            out("handled %d pending %d\n", (int)n, !!my_pending());
        }
    }
    return 0;
}
