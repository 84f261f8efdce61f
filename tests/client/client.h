/* What the programs of tests/client share. Each ends with "ok"; a line with FAIL is a failure. */
#include <sigferry.h>

#include "../corner/common.h"
#include <sys/resource.h>

/* The kernel counts queued signals by user: whatever else root does on this machine must not use up ours, nor we theirs.
 * (Not where the program is to exec itself: other users may not see it.) */
#ifndef KEEP_USER
__attribute__((constructor)) static void own_user(void)
{
    uid_t uid = 61000 + (uid_t)getpid() % 1000;
    struct rlimit l = {200000, 200000};
    if (geteuid() != 0)
        return;
    setrlimit(RLIMIT_SIGPENDING, &l);
    CHECK(setresuid(uid, uid, uid) == 0);
}
#endif

/* Reads the next signal, waiting for the descriptor as an event loop would. 0 when none comes in time. */
UNUSED int next_within(siginfo_t *info, int ms)
{
    int64_t end = now_ms() + ms;
    for (;;) {
        struct pollfd q = {sigferry_pipe_fd(), POLLIN, 0};
        int64_t left = end - now_ms();
        int n = poll(&q, 1, left > 0 ? (int)left : 0), r;
        if (n < 0 && errno != EINTR)
            return -1;
        if (n == 0 && left <= 0)
            return 0;
        if (n > 0 && (r = sigferry_pipe_read_info(info)) != 0)
            return r;
    }
}
UNUSED int next_info(siginfo_t *info) { return next_within(info, DEADLINE_MS); }

UNUSED int next(void)
{
    siginfo_t info;
    return next_info(&info);
}
UNUSED int readable(void)
{
    struct pollfd q = {sigferry_pipe_fd(), POLLIN, 0};
    return poll(&q, 1, 0) == 1;
}
/* Is there nothing any more? */
UNUSED int quiet(void)
{
    return sigferry_pipe_read() == 0 && !readable();
}
UNUSED void done(void)
{
    out("ok\n");
    _exit(0);
}
