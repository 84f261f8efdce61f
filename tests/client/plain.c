/* A program that does not look at EINTR at all: with the signals blocked, poll and read are never cut short. */
#include "client.h"

int main(void)
{
    int fd = sigferry_pipe_init(0);
    pid_t me = getpid(), p;
    volatile int *got = shared(sizeof *got); /* standard signals merge: each waits for the one before */
    CHECK(fd >= 0 && sigferry_pipe_trap(SIGHUP) == 0 && sigferry_pipe_trap(SIGCHLD) == 0);
    p = child();
    if (p == 0) {
        for (int i = 0; i < 200; i++) {
            kill(me, SIGHUP);
            if (!AWAIT(*got == i + 1))
                _exit(1);
        }
        _exit(0);
    }
    for (int last = 0; last != SIGCHLD;) {
        struct pollfd q = {fd, POLLIN, 0};
        int n = poll(&q, 1, DEADLINE_MS);
        if (!CHECK(n == 1))
            break;
        while ((last = sigferry_pipe_read()) == SIGHUP)
            ++*got;
    }
    CHECK(*got == 200);
    CHECK(reap(p) == 0);
    CHECK(sigferry_pipe_finish() == 0);
    done();
}
