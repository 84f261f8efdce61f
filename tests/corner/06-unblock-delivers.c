/* Case 6: unblocking delivers before it returns: own signals and those of a child that has ended. */
#include "common.h"
static volatile sig_atomic_t n, last;
static void handler(int sig) { n++; last = sig; }
int main(void)
{
    int missed = 0;
    pid_t me = getpid();
    sigset_t s = set_of(SIGUSR1, SIGUSR2, SIGRTMIN + 4, 0), old;
    on(SIGUSR1, handler, 0), on(SIGUSR2, handler, 0), on(SIGRTMIN + 4, handler, 0);
    for (int k = 0; k < 60; k++) {
        static const int sigs[] = {SIGUSR1, SIGUSR2, 0};
        int sig = sigs[k % 3] ? sigs[k % 3] : SIGRTMIN + 4;
        n = 0;
        sigprocmask(SIG_BLOCK, &s, &old);
        pid_t p = child();
        if (p == 0)
            _exit(kill(me, sig) || kill(me, sig));
        CHECK(reap(p) == 0);
        if (n)
            out("FAIL handled while blocked\n");
        switch (k % 4) {
        case 0: sigprocmask(SIG_UNBLOCK, &s, NULL); break;
        case 1: sigprocmask(SIG_SETMASK, &old, NULL); break;
        case 2: pthread_sigmask(SIG_SETMASK, &old, NULL); break;
        case 3: sigsetmask(0); sigprocmask(SIG_UNBLOCK, &s, NULL); break;
        }
        if (n != (sig == SIGRTMIN + 4 ? 2 : 1) || last != sig)
            missed++;
    }
    out("missed %d\n", missed);
    return 0;
}
