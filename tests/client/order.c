/* 100,000 queued real-time signals arrive in order: all queued before the first read where the limit can be raised,
 * and sent by another process while we read. */
#include "client.h"

#define MANY 100000

static int in_order(int first, int count)
{
    siginfo_t info;
    for (int i = 0; i < count; i++) {
        int r = next_info(&info);
        if (r != SIGRTMIN + 3 || info.si_code != SI_QUEUE || info.si_int != first + i) {
            out("FAIL: signal %d of %d: number %d value %d\n", i, count, r, info.si_int);
            return 0;
        }
    }
    return 1;
}

static void send(pid_t to, int count)
{
    for (int i = 0; i < count; i++)
        while (sigqueue(to, SIGRTMIN + 3, (union sigval){i}) < 0) {
            if (errno != EAGAIN)
                _exit(1);
            usleep(200);
        }
}

int main(int argc, char **argv)
{
    int flags = argc > 1 && !strcmp(argv[1], "unmasked") ? SIGFERRY_PIPE_UNMASKED : 0;
    struct rlimit l;
    pid_t me = getpid(), p;
    CHECK(sigferry_pipe_init(flags) >= 0 && sigferry_pipe_trap(SIGRTMIN + 3) == 0);
    if (getrlimit(RLIMIT_SIGPENDING, &l) == 0 && l.rlim_cur > MANY) {
        send(me, MANY);
        CHECK(in_order(0, MANY) && quiet());
    }
    p = child();
    if (p == 0) {
        send(me, MANY);
        _exit(0);
    }
    CHECK(in_order(0, MANY) && quiet());
    CHECK(reap(p) == 0);
    /* Several numbers at once, all waiting: lowest first. */
    for (int s = 9; s >= 4; s--)
        CHECK(sigferry_pipe_trap(SIGRTMIN + s) == 0);
    if (!flags) {
        for (int i = 0; i < 600; i++)
            CHECK(sigqueue(me, SIGRTMIN + 4 + i % 6, (union sigval){i / 6}) == 0);
        for (int i = 0; i < 600; i++) {
            siginfo_t info;
            if (sigferry_pipe_read_info(&info) != SIGRTMIN + 4 + i / 100 || info.si_int != i % 100)
                out("FAIL: %d of 600 is %d\n", i, info.si_signo);
        }
    }
    CHECK(quiet() && sigferry_pipe_finish() == 0);
    done();
}
