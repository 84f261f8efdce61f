/* Case 1: select() returns EINTR with the flag already set, SA_RESTART or not. */
#include "common.h"
#include <sys/select.h>
static volatile sig_atomic_t n;
static void handler(int sig) { n++; }
int main(void)
{
    int fd[2];
    if (pipe(fd))
        return 1;
    for (int i = 0; i < 2; i++) {
        fd_set r;
        struct timeval tv = {20, 0};
        on(SIGCHLD, handler, i ? SA_RESTART : 0);
        pid_t me = getpid(), tid = gettid_(), p = child();
        if (p == 0)
            _exit(!asleep(me, tid)); /* SIGCHLD is the signal */
        FD_ZERO(&r);
        FD_SET(fd[0], &r);
        int k = select(fd[0] + 1, &r, NULL, NULL, &tv);
        int e = errno;
        out("select %d %s handled %d\n", k, strerrorname_np(e), (int)n);
        CHECK(reap(p) == 0);
    }
    return 0;
}
