/* Case 16: two processes send each other signals from inside their handlers, 300 times each way. */
/* limit: 40 */
#include "common.h"
static volatile sig_atomic_t n, peer;
static void handler(int sig, siginfo_t *si, void *u)
{
    if (++n <= 300 && peer)
        kill(peer, SIGUSR1);
}
int main(void)
{
    char b[40];
    on_info(SIGUSR1, handler, SA_RESTART);
    volatile int *ready = shared(4096);
    pid_t me = getpid(), p = child();
    if (p == 0) {
        n = 0, peer = me;
        *ready = 1;
        _exit(AWAIT(n >= 300) ? 0 : 1);
    }
    peer = p;
    CHECK(AWAIT(*ready));
    kill(p, SIGUSR1);
    CHECK(AWAIT(n >= 300) && n <= 301);
    out("%s\n", ended(reap(p), b));
    return 0;
}
