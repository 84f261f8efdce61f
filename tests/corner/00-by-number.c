/* syscall(2): calls about signals by number do what their names do, others get all their six arguments, and errno; children
 * by number. */
#include "common.h"
#include <sched.h>
#include <sys/epoll.h>
#include <sys/select.h>
struct action {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};
static volatile int n;
static void handler(int sig) { n++; }
static void with_info(int sig, siginfo_t *si, void *uc) { n++; }
/* One call, and what it left. */
#define TELL(what, ...) do { errno = 7; long r_ = syscall(__VA_ARGS__); out("%s %ld errno %d handled %d\n", what, r_, errno, n); } while (0)

static void actions(void)
{
    struct sigaction libc;
    struct action old, a;
    on_info(SIGUSR1, with_info, SA_RESTART);
    CHECK(syscall(SYS_rt_sigaction, SIGUSR1, NULL, &old, 8) == 0);
    out("set by name: own %d flags %lx\n", old.handler == (void (*)(int))(void *)with_info, old.flags & ~0x04000000ul);
    a = old; /* with libc's restorer */
    a.handler = handler;
    a.flags = (old.flags & ~(unsigned long)SA_SIGINFO) | SA_NODEFER;
    a.mask = 1ull << (SIGUSR2 - 1);
    CHECK(syscall(SYS_rt_sigaction, SIGUSR1, &a, &old, 8) == 0);
    CHECK(sigaction(SIGUSR1, NULL, &libc) == 0);
    out("by number: own %d flags %x mask %llx\n", libc.sa_handler == handler, (unsigned)libc.sa_flags & ~0x04000000u,
        (unsigned long long)bits(&libc.sa_mask));
    raise(SIGUSR1);
    out("handled %d\n", n);
    TELL("wrong size", SYS_rt_sigaction, SIGUSR1, &a, NULL, 16);
    TELL("KILL", SYS_rt_sigaction, SIGKILL, &a, NULL, 8);
    TELL("none such", SYS_rt_sigaction, 77, &a, NULL, 8);
}

static void masks(void)
{
    uint64_t set = 1ull << (SIGUSR1 - 1) | 1ull << (SIGRTMIN - 1), old = 0, pend = 0, none = 0;
    struct timespec zero = {0, 0}, ms = {0, 1000000};
    struct {
        uint64_t *set;
        size_t size;
    } pair = {&none, 8};
    siginfo_t si;
    on(SIGRTMIN, handler, 0);
    CHECK(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, &old, 8) == 0);
    out("was %llx is %llx\n", (unsigned long long)old & 0x1fffffff7fffffffull, (unsigned long long)my_mask());
    syscall(SYS_kill, getpid(), SIGUSR1);
    for (int k = 1; k <= 3; k++)
        sigqueue(getpid(), SIGRTMIN, (union sigval){k});
    CHECK(syscall(SYS_rt_sigpending, &pend, 8) == 0);
    out("pending %llx\n", (unsigned long long)pend);
    TELL("taken", SYS_rt_sigtimedwait, &set, &si, &zero, 8);
    TELL("taken", SYS_rt_sigtimedwait, &set, &si, &zero, 8);
    out("value %d\n", si.si_value.sival_int);
    TELL("rt_sigsuspend", SYS_rt_sigsuspend, &none, 8L);
    sigqueue(getpid(), SIGRTMIN, (union sigval){4});
    TELL("ppoll", SYS_ppoll, NULL, 0, NULL, &none, 8L);
    sigqueue(getpid(), SIGRTMIN, (union sigval){5});
    TELL("pselect6", SYS_pselect6, 0, NULL, NULL, NULL, NULL, &pair);
    int ep = epoll_create1(0);
    struct epoll_event e;
    sigqueue(getpid(), SIGRTMIN, (union sigval){6});
    TELL("epoll_pwait", SYS_epoll_pwait, ep, &e, 1, -1, &none, 8L);
    TELL("epoll_pwait", SYS_epoll_pwait, ep, &e, 1, 1, NULL, 8L);
    TELL("ppoll", SYS_ppoll, NULL, 0, &ms, &none, 8L);
    out("counted down %d\n", ms.tv_nsec < 1000000);
    CHECK(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &old, NULL, 8) == 0);
    pid_t p = kill_when_asleep(SIGRTMIN);
    TELL("pause", SYS_pause);
    reap(p);
}

static void others(void)
{
    char b[40];
    int fd = open("/proc/self/exe", O_RDONLY);
    char *p = (char *)syscall(SYS_mmap, NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0x1000);
    char *q = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0x1000);
    out("six arguments %d\n", p != MAP_FAILED && memcmp(p, q, 4096) == 0);
    TELL("close", SYS_close, -1);
    TELL("none", 100000L);
    TELL("none", -5L);
    pid_t pid;
    uint64_t args[11] = {0, 0, 0, 0, SIGCHLD};
    pid = (pid_t)syscall(SYS_clone3, args, sizeof args);
    if (pid == 0)
        _exit(raise(SIGUSR1) + (n > 0) + 4);
    out("clone3 %s\n", ended(reap(pid), b));
}

int main(void)
{
    actions();
    masks();
    others();
    return 0;
}
