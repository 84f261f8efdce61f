/* The program under test: while (!flag) CALL, over and over, with a mark before and after.
 *
 *   target CALL [restart] [blocked] [data] [two] [three] [mask] [nodefer] [onstack] [jump]
 *
 * restart: SA_RESTART. blocked: the signals are blocked but for the call itself (sigsuspend, ppoll, pselect).
 * data: one call, which must go on waiting after the handler until a byte comes. two, three: so many handlers are
 * waited for. mask: each handler blocks all the signals; nodefer: not even its own. jump: handlers leave by
 * siglongjmp. onstack: they run on an alternate stack. */
#include "race.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SIGNALS 4
static const int signals[SIGNALS] = {SIGUSR1, SIGUSR2, 34, 35};

static struct race race;
static int blocked, suspends, quiet, epoll, sock, jumps;
static pid_t child;
static sigset_t none, other;
static uint64_t adds[SIGNALS];   /* what the handler of each adds to the mask */
static volatile uint64_t around; /* mask of the program's code that runs now */
static sigjmp_buf out;

static uint64_t bits(const sigset_t *set)
{
    uint64_t v;
    memcpy(&v, set, sizeof v);
    return v;
}

static uint64_t added(int signo)
{
    for (int i = 0; i < SIGNALS; i++)
        if (signals[i] == signo)
            return adds[i];
    return 0;
}

/* Is `mask` that of the code around, or of a handler there that has been entered, but has not got to its first line
 * (or is past its last)? */
static int possible(uint64_t mask, uint64_t outer)
{
    for (unsigned some = 0; some < 1u << SIGNALS; some++) {
        uint64_t m = outer;
        for (int i = 0; i < SIGNALS; i++)
            m |= some >> i & 1 ? adds[i] : 0;
        if (m == mask)
            return 1;
    }
    return 0;
}

/* What the kernel would have done: the handler of `signo` was let in, with this mask, out of that. */
static void check_masks(int signo, uint64_t shown, uint64_t own, uint64_t outer)
{
    /* Out of a sigsuspend the kernel saves the mask from before, and adds to the one of the call. */
    uint64_t from = blocked && shown == race.vmask ? bits(&none) : shown;
    uint64_t self = (uint64_t)1 << (signo - 1);
    /* (siglongjmp restores the mask a moment before it arrives.) */
    int fits = possible(shown, outer) || (blocked && possible(shown, bits(&none))) || (jumps && possible(shown, race.vmask));
    /* What sigsuspend lets in while nothing was blocked: either in it or before it. */
    int right = own == (from | added(signo)) || (suspends && shown == race.vmask && own == (bits(&none) | added(signo)));
    if ((fits && !(from & self) && right) || race.wrong.signo)
        return;
    race.wrong.signo = signo;
    race.wrong.shown = shown;
    race.wrong.own = own;
    race.wrong.around = outer;
}

static void handler(int signo, siginfo_t *info, void *context)
{
    uint64_t outer = around;
    sigset_t now;
    sigprocmask(SIG_BLOCK, NULL, &now);
    check_masks(signo, bits(&((ucontext_t *)context)->uc_sigmask), bits(&now), outer);
    around = bits(&now);
    race.count[signo]++;
    if (info->si_code == SI_QUEUE && race.queued < 16) {
        int at = race.queued++; /* ours, whatever comes now */
        race.order[at].signo = signo;
        race.order[at].value = info->si_value.sival_int;
    }
    if (jumps)
        siglongjmp(out, 1);
    around = outer;
}

static int enough(void)
{
    return race.count[SIGUSR1] + race.count[SIGUSR2] + race.count[34] + race.count[35] >= race.need;
}

static void mark(enum mark kind)
{
    __asm__ volatile("int3" : : "D"((long)kind), "S"(&race) : "memory");
}

/* Waits for its byte and ends; its parent waits for it. */
static pid_t fork_child(int fd)
{
    pid_t parent = getpid(), pid = fork();
    char c;
    if (pid)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent && read(fd, &c, 1) < 0)
        _exit(1);
    _exit(0);
}

static const struct timespec hour = {3600, 0};
static char byte;

static long call_pause(void) { return pause(); }
static long call_select(void) { return select(0, NULL, NULL, NULL, NULL); }
static long call_pselect(void) { return pselect(0, NULL, NULL, NULL, &hour, blocked ? &none : NULL); }
static long call_poll(void) { return poll(NULL, 0, -1); }
static long call_ppoll(void) { return ppoll(NULL, 0, &hour, blocked ? &none : NULL); }
static long call_epoll(void)
{
    struct epoll_event ev;
    return epoll_wait(epoll, &ev, 1, -1);
}
static long call_read(void) { return read(RACE_DATA_FD, &byte, 1); }
static long call_recv(void) { return recv(sock, &byte, 1, 0); }
static long call_sigsuspend(void) { return sigsuspend(&none); }
static long call_nanosleep(void) { return nanosleep(&hour, NULL); }
static long call_wait4(void) { return wait4(child, NULL, 0, NULL); }
static long call_sigwaitinfo(void) { return sigwaitinfo(&other, NULL); }
/* Not a call at all: the program computes. */
static long call_spin(void) { return -1; }

static const struct {
    const char *name;
    long (*call)(void);
    int nr[4];
} calls[] = {
    {"pause", call_pause, {SYS_pause, -1}},
    {"select", call_select, {SYS_select, SYS_pselect6, -1}},
    {"pselect", call_pselect, {SYS_pselect6, -1}},
    {"poll", call_poll, {SYS_poll, SYS_ppoll, -1}},
    {"ppoll", call_ppoll, {SYS_ppoll, -1}},
    {"epoll_wait", call_epoll, {SYS_epoll_wait, SYS_epoll_pwait, -1}},
    {"read", call_read, {SYS_read, -1}},
    {"recv", call_recv, {SYS_recvfrom, -1}},
    {"sigsuspend", call_sigsuspend, {SYS_rt_sigsuspend, -1}},
    {"nanosleep", call_nanosleep, {SYS_nanosleep, SYS_clock_nanosleep, -1}},
    {"wait4", call_wait4, {SYS_wait4, -1}},
    {"sigwaitinfo", call_sigwaitinfo, {SYS_rt_sigtimedwait, -1}},
    {"spin", call_spin, {-1}},
};

static void install(int flags, int mask)
{
    static char stack[65536];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction act = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < SIGNALS; i++)
        sigaddset(&set, signals[i]);
    if (mask)
        act.sa_mask = set;
    if (flags & SA_ONSTACK)
        sigaltstack(&alternate, NULL);
    for (int i = 0; i < SIGNALS; i++) {
        adds[i] = (mask ? bits(&set) : 0) | (flags & SA_NODEFER ? 0 : (uint64_t)1 << (signals[i] - 1));
        sigaction(signals[i], &act, NULL);
    }
    if (blocked)
        sigprocmask(SIG_BLOCK, &set, NULL);
}

static void begin(int data, int waits_for_child)
{
    sigset_t now;
    memset((void *)race.count, 0, sizeof race.count);
    memset(&race.wrong, 0, sizeof race.wrong);
    race.queued = race.go = race.good = 0;
    if (waits_for_child && (data || !child))
        child = fork_child(data ? RACE_DATA_FD : quiet);
    sigprocmask(SIG_BLOCK, NULL, &now);
    around = race.vmask = bits(&now);
}

/* The two forms of waiting. Between the mark and the call stands nothing but the check of the flag. */
static void wait_flag(long (*call)(void))
{
    mark(MARK_START);
    if (jumps && sigsetjmp(out, 1))
        around = race.vmask;
    while (!enough())
        if (call() >= 0 || errno != EINTR)
            break;
    race.good = enough();
    mark(MARK_DONE);
}

static void wait_data(long (*call)(void))
{
    long r;
    mark(MARK_START);
    r = call();
    race.good = r == (call == call_wait4 ? child : 1);
    mark(MARK_DONE);
}

__attribute__((noinline)) static void spin(void)
{
    mark(MARK_START);
    if (jumps && sigsetjmp(out, 1))
        around = race.vmask;
    __asm__ volatile("lea 1f(%%rip), %%rax; mov %%rax, %1; lea 2f(%%rip), %%rax; mov %%rax, %2;"
                     "1: cmpl $0, %0; je 1b; 2:"
                     : "+m"(race.go), "=m"(race.spin_low), "=m"(race.spin_high) : : "rax", "cc", "memory");
    race.good = enough();
    mark(MARK_DONE);
}

int main(int argc, char **argv)
{
    int flags = 0, mask = 0, data = 0, pair[2];
    unsigned which = 0;
    race.need = 1;
    while (which < sizeof calls / sizeof *calls && strcmp(calls[which].name, argc > 1 ? argv[1] : ""))
        which++;
    if (which == sizeof calls / sizeof *calls)
        return 2;
    for (int i = 2; i < argc; i++) {
        flags |= !strcmp(argv[i], "restart") ? SA_RESTART : 0;
        flags |= !strcmp(argv[i], "nodefer") ? SA_NODEFER : 0;
        flags |= !strcmp(argv[i], "onstack") ? SA_ONSTACK : 0;
        mask |= !strcmp(argv[i], "mask");
        jumps |= !strcmp(argv[i], "jump");
        blocked |= !strcmp(argv[i], "blocked");
        data |= !strcmp(argv[i], "data");
        race.need += !strcmp(argv[i], "two") + 2 * !strcmp(argv[i], "three");
    }
    memcpy(race.nr, calls[which].nr, sizeof race.nr);
    suspends = calls[which].call == call_sigsuspend;
    sigemptyset(&none);
    sigemptyset(&other);
    sigaddset(&other, SIGHUP);
    sigprocmask(SIG_BLOCK, &other, NULL);
    if (pipe(pair) || (quiet = pair[0]) < 0 || (epoll = epoll_create1(0)) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
        return 3;
    sock = pair[0];
    install(flags, mask);
    for (;;) {
        begin(data, calls[which].call == call_wait4);
        if (calls[which].call == call_spin)
            spin();
        else if (data)
            wait_data(calls[which].call);
        else
            wait_flag(calls[which].call);
    }
}
