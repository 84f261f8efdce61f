/* Semantics: a set_wakeup_fd-style handler (pipe and flag) with an event loop in poll, epoll and select: one byte for
 * each signal, EINTR or readiness, in five hundred rounds; then it breaks the pattern once and allocates. */
/* also: helper-concurrent */
/* limit: 30 */
#include "common.h"
#include <sys/epoll.h>
#include <sys/select.h>
static int fd[2];
static volatile sig_atomic_t flag, odd;
static void handler(int sig)
{
    int e = errno;
    char c = (char)sig;
    flag = 1;
    if (write(fd[1], &c, 1) != 1)
        out("FAIL write\n");
    if (odd)
        free(malloc(100));
    errno = e;
}
int main(void)
{
    pid_t me = getpid();
    int bytes = 0, go[2];
    char c;
    struct epoll_event ev = {.events = EPOLLIN};
    CHECK(pipe2(fd, O_NONBLOCK | O_CLOEXEC) == 0 && pipe(go) == 0);
    int ep = epoll_create1(EPOLL_CLOEXEC);
    epoll_ctl(ep, EPOLL_CTL_ADD, fd[0], &ev);
    on(SIGUSR1, handler, SA_RESTART);
    pid_t p = child();
    if (p == 0) {
        close(go[1]);
        while (read(go[0], &c, 1) == 1)
            kill(me, SIGUSR1);
        _exit(0);
    }
    for (int k = 0; k < 500; k++) {
        flag = 0;
        odd = k == 250;
        CHECK(write(go[1], "g", 1) == 1);
        int got = 0;
        while (!got) {
            struct pollfd pf = {fd[0], POLLIN, 0};
            fd_set r;
            FD_ZERO(&r);
            FD_SET(fd[0], &r);
            if (k % 3 == 0)
                poll(&pf, 1, -1);
            else if (k % 3 == 1)
                epoll_wait(ep, &ev, 1, -1);
            else
                select(fd[0] + 1, &r, NULL, NULL, NULL);
            while (read(fd[0], &c, 1) == 1)
                got++, bytes++;
        }
        if (!flag || got != 1)
            out("FAIL round %d flag %d bytes %d\n", k, (int)flag, got);
    }
    close(go[1]);
    reap(p);
    out("bytes %d\n", bytes);
    return 0;
}
