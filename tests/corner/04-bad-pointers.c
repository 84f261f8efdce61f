/* Case 4: where libc leaves a pointer to the kernel, a bad one is an error and not the end. */
#include "common.h"
#include <sys/signalfd.h>
static void handler(int sig) { }

static void said(const char *what, long r)
{
    out("%s: %ld %s\n", what, r, r < 0 ? strerrorname_np(errno) : "");
}

int main(void)
{
    char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const struct timespec none = {0, 0};
    sigset_t good = set_of(SIGUSR1, 0);
    uint64_t pair[2] = {8, 8};
    CHECK(page != MAP_FAILED && munmap(page + 4096, 4096) == 0);
    on(SIGUSR1, handler, 0);
    for (int i = 0; i < 2; i++) {
        void *bad = i ? page + 4096 - 4 : (void *)8; /* or half of a set */
        said("sigpending", sigpending(bad));
        said("sigsuspend", sigsuspend(bad));
        said("sigtimedwait", sigtimedwait(bad, NULL, &none));
        said("signalfd", signalfd(-1, bad, 0));
        said("rt_sigaction", syscall(SYS_rt_sigaction, SIGUSR1, bad, NULL, 8));
        said("rt_sigprocmask", syscall(SYS_rt_sigprocmask, SIG_BLOCK, bad, NULL, 8));
        said("rt_sigprocmask, old", syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, bad, 8));
        said("rt_sigpending", syscall(SYS_rt_sigpending, bad, 8));
        said("rt_sigsuspend", syscall(SYS_rt_sigsuspend, bad, 8));
        said("rt_sigtimedwait", syscall(SYS_rt_sigtimedwait, bad, NULL, &none, 8));
        said("ppoll", syscall(SYS_ppoll, NULL, 0, &none, bad, 8));
        said("pselect6", syscall(SYS_pselect6, 0, NULL, NULL, NULL, &none, bad));
        said("clone3", syscall(SYS_clone3, bad, 88));
    }
    said("pselect6, behind it", syscall(SYS_pselect6, 0, NULL, NULL, NULL, &none, pair));
    said("sigtimedwait", sigtimedwait(&good, NULL, &none));
    said("mask", (long)my_mask());
    return 0;
}
