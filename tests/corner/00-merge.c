/* Semantics: standard signals merge while blocked, never while handled in turn; real-time ones never. */
#include "common.h"
static volatile int n, m;
static void handler(int sig) { n++; }
static void rt(int sig) { m++; }
int main(void)
{
    pid_t me = getpid();
    on(SIGUSR1, handler, SA_RESTART), on(SIGRTMIN + 4, rt, SA_RESTART);
    block(SIGUSR1), block(SIGRTMIN + 4);
    for (int k = 0; k < 3; k++) {
        pid_t p = child();
        if (p == 0) {
            for (int i = 0; i < 20; i++)
                kill(me, SIGUSR1), kill(me, SIGRTMIN + 4);
            _exit(0);
        }
        reap(p);
        out("pending %llx\n", (unsigned long long)my_pending());
        sigset_t none, old;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, &old);
        sigprocmask(SIG_SETMASK, &old, NULL);
        out("standard %d real-time %d\n", n, m);
    }
    return 0;
}
