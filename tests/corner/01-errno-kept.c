/* Case 1: the handler's errno stays in the handler's hands: a call that succeeds after it, and one that failed
 * before it, show the program's own errno where the handler saves it. */
#include "common.h"
static volatile sig_atomic_t n;
static void handler(int sig) { int e = errno; n++; close(-1); errno = e; }
int main(void)
{
    on(SIGUSR1, handler, SA_RESTART);
    errno = E2BIG;
    CHECK(raise(SIGUSR1) == 0);
    out("after raise %s\n", strerrorname_np(errno));
    errno = ENOTTY;
    kill(getpid(), SIGUSR1);
    out("after kill %s\n", strerrorname_np(errno));
    errno = ENOSPC;
    block(SIGUSR1);
    raise(SIGUSR1);
    unblock(SIGUSR1);
    out("after unblock %s handled %d\n", strerrorname_np(errno), (int)n);
    errno = EXDEV;
    getpid();
    time(NULL);
    struct timespec t = {0, 1000};
    nanosleep(&t, NULL);
    out("after success %s\n", strerrorname_np(errno));
    return 0;
}
