/* What was not read when a signal is untrapped is delivered as if it came then; nothing is lost by it. */
#include "client.h"

static volatile int n, value[8];
static void handler(int signo, siginfo_t *info, void *context)
{
    (void)signo, (void)context;
    if (n < 8)
        value[n] = info->si_int;
    n++;
}

int main(int argc, char **argv)
{
    int flags = argc > 1 && !strcmp(argv[1], "unmasked") ? SIGFERRY_PIPE_UNMASKED : 0;
    siginfo_t info;
    char text[32];
    if (sigferry_ferried()) /* the handler runs at once there, not only afterwards: see both.c */
        done();
    on_info(SIGRTMIN, handler, 0);
    CHECK(sigferry_pipe_init(flags) >= 0 && sigferry_pipe_trap(SIGRTMIN) == 0 && sigferry_pipe_trap(SIGUSR1) == 0);
    for (int i = 0; i < 5; i++) {
        sigqueue(getpid(), SIGRTMIN, (union sigval){i});
        raise(SIGUSR1);
    }
    if (flags) { /* taken by the handler one by one; else USR1 may come first: from the library's own queue */
        CHECK(next_info(&info) == SIGRTMIN && info.si_int == 0);
    } else {
        CHECK(next() == SIGUSR1);
    }
    CHECK(n == 0);
    CHECK(sigferry_pipe_untrap(SIGRTMIN) == 0);
    CHECK(n == 5 - !!flags);
    for (int i = 0; i < n; i++)
        CHECK(value[i] == i + !!flags);
    for (int i = 0; i < 4 + !!flags; i++)
        CHECK(sigferry_pipe_read() == SIGUSR1);
    CHECK(quiet());
    pid_t p = child();
    if (p == 0) {
        kill(getpid(), SIGUSR1);
        CHECK(sigferry_pipe_finish() == 0); /* dies */
        _exit(0);
    }
    CHECK(!strcmp(ended(reap(p), text), "signal 10"));
    CHECK(sigferry_pipe_finish() == 0);
    done();
}
