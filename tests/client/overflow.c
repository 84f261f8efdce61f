/* No memory for what comes: said once, and what there was room for is there. */
#include "client.h"

int main(void)
{
    int got = 0, r;
    struct rlimit l;
    CHECK(sigferry_pipe_init(SIGFERRY_PIPE_UNMASKED) >= 0 && sigferry_pipe_trap(SIGUSR1) == 0);
    getrlimit(RLIMIT_AS, &l);
    l.rlim_cur = 1; /* whatever is there stays; nothing comes */
    setrlimit(RLIMIT_AS, &l);
    raise(SIGUSR1);
    l.rlim_cur = l.rlim_max;
    setrlimit(RLIMIT_AS, &l);
    CHECK(readable());
    errno = 0;
    CHECK(sigferry_pipe_read() == -1 && errno == EOVERFLOW);
    CHECK(quiet());
    for (int i = 0; i < 2000; i++)
        raise(SIGUSR1);
    while ((r = sigferry_pipe_read()) > 0)
        got++;
    CHECK(r == 0 && got == 2000);
    CHECK(quiet());
    done();
}
