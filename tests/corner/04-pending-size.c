/* Case 4: rt_sigpending by number tells as many bytes as it is asked for; only more than there are is an error. */
#include "common.h"
static void handler(int sig) { }
int main(void)
{
    on(SIGUSR2, handler, 0), on(SIGTERM, handler, 0);
    block(SIGUSR2), block(SIGTERM);
    kill(getpid(), SIGUSR2), kill(getpid(), SIGTERM);
    for (size_t size = 0; size <= 9; size++) {
        unsigned char set[16];
        long r;
        memset(set, 0xee, sizeof set);
        r = syscall(SYS_rt_sigpending, set, size);
        out("%zu: %ld %s", size, r, r < 0 ? strerrorname_np(errno) : "");
        for (int i = 0; i < 10; i++)
            out(" %02x", set[i]);
        out("\n");
    }
    CHECK(syscall(SYS_rt_sigpending, (void *)8, (size_t)0) == 0);
    CHECK(syscall(SYS_rt_sigpending, (void *)8, (size_t)4) == -1 && errno == EFAULT);
    CHECK(syscall(SYS_rt_sigpending, (void *)8, ~(size_t)0) == -1 && errno == EINVAL);
    return 0;
}
