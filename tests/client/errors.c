/* Every errno that the pages promise. */
#include "client.h"

#define FAILS(call, err) CHECK((errno = 0, (call) == -1) && errno == (err))

int main(void)
{
    sigset_t none;
    siginfo_t info;
    struct rlimit few, was;
    sigemptyset(&none);
    FAILS(sigferry_pipe_fd(), EBADF);
    FAILS(sigferry_pipe_read(), EBADF);
    FAILS(sigferry_pipe_read_info(&info), EBADF);
    FAILS(sigferry_pipe_trap(SIGTERM), EBADF);
    FAILS(sigferry_pipe_untrap(SIGTERM), EBADF);
    FAILS(sigferry_pipe_trapset(&none), EBADF);
    FAILS(sigferry_pipe_finish(), EBADF);
    FAILS(sigferry_pipe_init(2), EINVAL);
    FAILS(sigferry_pipe_init(-1), EINVAL);

    /* No room for three descriptors, for two, for one: nothing is left behind. */
    getrlimit(RLIMIT_NOFILE, &was);
    int lowest = dup(0);
    close(lowest);
    for (int room = 0; room < 3; room++) {
        few.rlim_cur = (rlim_t)(lowest + room);
        few.rlim_max = was.rlim_max;
        setrlimit(RLIMIT_NOFILE, &few);
        FAILS(sigferry_pipe_init(0), EMFILE);
        FAILS(sigferry_pipe_fd(), EBADF);
        setrlimit(RLIMIT_NOFILE, &was);
        int next_fd = dup(0);
        CHECK(next_fd == lowest);
        close(next_fd);
    }

    CHECK(sigferry_pipe_init(SIGFERRY_PIPE_UNMASKED) >= 0);
    FAILS(sigferry_pipe_init(0), EBUSY);
    FAILS(sigferry_pipe_trap(0), EINVAL);
    FAILS(sigferry_pipe_trap(-3), EINVAL);
    FAILS(sigferry_pipe_trap(65), EINVAL);
    FAILS(sigferry_pipe_trap(SIGKILL), EINVAL);
    FAILS(sigferry_pipe_trap(SIGSTOP), EINVAL);
    FAILS(sigferry_pipe_trap(32), EINVAL);
    FAILS(sigferry_pipe_trap(33), EINVAL);
    FAILS(sigferry_pipe_untrap(0), EINVAL);
    FAILS(sigferry_pipe_untrap(65), EINVAL);
    FAILS(sigferry_pipe_trapset(NULL), EFAULT);
    errno = 77;
    CHECK(sigferry_pipe_read() == 0 && errno == 77);
    CHECK(sigferry_pipe_read_info(NULL) == 0 && errno == 77);
    CHECK(sigferry_pipe_finish() == 0 && errno == 77);
    FAILS(sigferry_pipe_finish(), EBADF);
    done();
}
