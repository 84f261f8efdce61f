/* Case 4: where libc leaves a pointer to the kernel, a bad one is an error and not the end. */
#include "common.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/signalfd.h>
#include <threads.h>
static void handler(int sig) { }

static void said(const char *what, long r)
{
    out("%s: %ld %s\n", what, r, r < 0 ? strerrorname_np(errno) : "");
}

/* The rest of a sleep that a signal ends. */
static void rest(void *bad)
{
    const struct timespec longest = {4, 0};
    struct itimerval soon = {{0, 20000}, {0, 20000}}, off = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &soon, NULL); /* again and again: the first may come before the sleep */
    said("nanosleep, rest", nanosleep(&longest, bad));
    out("clock_nanosleep, rest: %d\n", clock_nanosleep(CLOCK_MONOTONIC, 0, &longest, bad));
    out("thrd_sleep, rest: %d\n", thrd_sleep(&longest, bad));
    setitimer(ITIMER_REAL, &off, NULL);
}

static void filters(void *bad)
{
    struct sock_fprog none = {3, bad};
    said("prctl", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, bad, 0, 0));
    said("seccomp", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, bad));
    said("prctl, its code", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &none, 0, 0));
    said("seccomp, its code", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &none));
}

int main(void)
{
    char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const struct timespec none = {0, 0};
    sigset_t good = set_of(SIGUSR1, 0);
    uint64_t pair[2] = {8, 8};
    CHECK(page != MAP_FAILED && munmap(page + 4096, 4096) == 0);
    on(SIGUSR1, handler, 0), on(SIGALRM, handler, 0);
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
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
        said("nanosleep", nanosleep(bad, NULL));
        out("clock_nanosleep: %d %d\n", clock_nanosleep(CLOCK_MONOTONIC, 0, bad, NULL), clock_nanosleep(77, 0, bad, NULL));
        out("thrd_sleep: %d\n", thrd_sleep(bad, NULL));
        rest(bad);
        said("rt_tgsigqueueinfo", syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid_(), SIGUSR1, bad));
        filters(bad);
    }
    said("nanosleep, none", nanosleep(NULL, NULL));
    filters(NULL);
    said("pselect6, behind it", syscall(SYS_pselect6, 0, NULL, NULL, NULL, &none, pair));
    said("sigtimedwait", sigtimedwait(&good, NULL, &none));
    said("mask", (long)my_mask());
    return 0;
}
