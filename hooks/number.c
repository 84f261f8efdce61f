/* context: thread, handler
 *
 * syscall(2). Numbers of calls that concern us get what their names get; all others go to libc's own as they are. The
 * entry is in twice.S: a child with a stack of its own returns there, past these frames.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "hooks/hook.h"
#include "hooks/number.h"
#include "hooks/temporary.h"

typedef long (*syscall_fn)(long nr, ...);
long sf_number(long nr, long a, long b, long c, long d, long e, long f);
long sf_number_beside(void);
long sf_number_beside_over(long r);

static syscall_fn real(void)
{
    return (syscall_fn)REAL(syscall);
}

/* ---- calls about signals, in the kernel's layout ---- */

#define MASK_SIZE 8 /* the kernel refuses any other */

struct kernel_action {
    uintptr_t handler;
    unsigned long flags;
    uintptr_t restorer;
    sf_set mask;
};

static long action(int signo, const struct kernel_action *act, struct kernel_action *old)
{
    struct sigaction given, was;
    long r;
    if ((act && !(sys_sigreadable(act) && sys_sigreadable(&act->mask))) || (old && !sys_sigreadable(old)))
        return -EFAULT;
    if (act) {
        memset(&given, 0, sizeof given);
        given.sa_sigaction = (void (*)(int, siginfo_t *, void *))act->handler;
        given.sa_flags = (int)act->flags; /* (frames return by libc's restorer, whatever is given) */
        sf_set_put(&given.sa_mask, act->mask);
    }
    r = sf_disposition_change(signo, act ? &given : NULL, old ? &was : NULL);
    if (r == 0 && old) {
        old->handler = (uintptr_t)was.sa_sigaction;
        old->flags = (unsigned)was.sa_flags;
        old->restorer = (uintptr_t)was.sa_restorer;
        old->mask = sf_set_get(&was.sa_mask);
    }
    return r;
}

static long mask(int how, const sf_set *set, sf_set *old)
{
    sigset_t given, was;
    long r;
    if (set && !sys_sigreadable(set))
        return -EFAULT;
    if (set)
        sf_set_put(&given, *set);
    if (old && !sys_sigwritable(old))
        return -EFAULT;
    r = sf_mask_change(how, set ? &given : NULL, &was);
    if (r == 0 && old)
        *old = sf_set_get(&was);
    return r;
}

/* Here the kernel takes less, too. */
static long pending(void *to, size_t size)
{
    sigset_t is;
    sf_set set;
    long r = SF_SYS(SYS_rt_sigpending, to, size, 0, 0, 0, 0); /* it is a place to write to */
    if (r == 0 && (r = sigpending(&is)) == 0) {
        set = sf_set_get(&is);
        memcpy(to, &set, size);
    }
    return r;
}

/* A call that sleeps under the mask that its argument number `at` points to, if to any. */
static long masked(struct sf_lane *lane, long nr, long a[6], int at)
{
    struct sf_temporary m;
    const sf_set *temp;
    if (a[at] && !sys_sigreadable((const void *)a[at]))
        return -EFAULT;
    temp = sf_temporary(lane, &m, (const void *)a[at]);
    if (temp)
        a[at] = (long)&m.kernel;
    return sf_point(0, temp, nr, a);
}

static long selecting(struct sf_lane *lane, long a[6])
{
    struct sf_temporary m;
    struct sf_mask_pair given = {NULL, MASK_SIZE};
    const sf_set *temp;
    if (a[5] && sys_sigreadable((const void *)a[5]))
        memcpy(&given, (const void *)a[5], sizeof given);
    if (given.set && !sys_sigreadable(given.set))
        given.set = NULL; /* the kernel says what it thinks of it */
    temp = sf_temporary(lane, &m, given.set);
    m.pair.size = given.size;
    if (temp)
        a[5] = (long)&m.pair;
    return sf_point(0, temp, SYS_pselect6, a);
}

/* -errno, or what the call returns. `a` may be changed. */
static long about_signals(struct sf_lane *lane, long nr, long a[6])
{
    switch (nr) {
    case SYS_rt_sigaction:
        return a[3] == MASK_SIZE ? action((int)a[0], (void *)a[1], (void *)a[2]) : -EINVAL;
    case SYS_rt_sigprocmask:
        return a[3] == MASK_SIZE ? mask((int)a[0], (void *)a[1], (void *)a[2]) : -EINVAL;
    case SYS_rt_sigpending:
        return pending((void *)a[0], (size_t)a[1]);
    case SYS_rt_sigtimedwait:
        if (a[3] != MASK_SIZE)
            return -EINVAL;
        if (!sys_sigreadable((const void *)a[0]))
            return -EFAULT;
        return sf_wait_take(lane, 0, *(const sf_set *)a[0], (void *)a[1], (void *)a[2]);
    case SYS_rt_sigsuspend:
        return a[1] == MASK_SIZE ? masked(lane, nr, a, 0) : -EINVAL;
    case SYS_ppoll:
        return masked(lane, nr, a, 3);
    case SYS_epoll_pwait:
    case SYS_epoll_pwait2:
        return masked(lane, nr, a, 4);
    case SYS_pselect6:
        return selecting(lane, a);
    }
    return sf_point(0, NULL, nr, a); /* pause */
}

/* ---- which numbers ---- */

enum { OTHER, NAMED, SIGNALS, WAITS, ALONE, FORKS };

static const uint8_t kinds[] = {
    /* the function of that name does it */
    [SYS_kill] = NAMED, [SYS_tkill] = NAMED, [SYS_tgkill] = NAMED, [SYS_rt_sigqueueinfo] = NAMED,
    [SYS_rt_tgsigqueueinfo] = NAMED, [SYS_pidfd_send_signal] = NAMED, [SYS_execve] = NAMED, [SYS_execveat] = NAMED,
    [SYS_prctl] = NAMED, [SYS_seccomp] = NAMED, [SYS_exit] = NAMED, [SYS_exit_group] = NAMED, [SYS_timer_create] = NAMED,
    [SYS_ptrace] = NAMED, [SYS_timer_getoverrun] = NAMED,
    [SYS_rt_sigaction] = SIGNALS, [SYS_rt_sigprocmask] = SIGNALS, [SYS_rt_sigpending] = SIGNALS,
    /* matters once the program has handlers */
    [SYS_rt_sigtimedwait] = WAITS, [SYS_rt_sigsuspend] = WAITS, [SYS_pause] = WAITS, [SYS_ppoll] = WAITS,
    [SYS_pselect6] = WAITS, [SYS_epoll_pwait] = WAITS, [SYS_epoll_pwait2] = WAITS,
    /* changes what each thread has of its own, or refuses a process with threads */
    [SYS_unshare] = ALONE, [SYS_setns] = ALONE, [SYS_setuid] = ALONE, [SYS_setgid] = ALONE, [SYS_setreuid] = ALONE,
    [SYS_setregid] = ALONE, [SYS_setresuid] = ALONE, [SYS_setresgid] = ALONE, [SYS_setfsuid] = ALONE,
    [SYS_setfsgid] = ALONE, [SYS_setgroups] = ALONE, [SYS_capset] = ALONE, [SYS_landlock_restrict_self] = ALONE,
    [SYS_fork] = FORKS, [SYS_clone] = FORKS, [SYS_clone3] = FORKS,
};

/* ---- all of them ---- */

/* Sets errno. */
static long named(struct sf_lane *lane, long nr, const long a[6])
{
    long r;
    switch (nr) {
    case SYS_kill:
        return kill((pid_t)a[0], (int)a[1]);
    case SYS_tgkill:
        return tgkill((pid_t)a[0], (pid_t)a[1], (int)a[2]);
    case SYS_tkill:
        return sf_lane_of_tid((int)a[0]) ? tgkill(sf_process.pid, (pid_t)a[0], (int)a[1]) : real()(nr, a[0], a[1]);
    case SYS_pidfd_send_signal:
        return pidfd_send_signal((int)a[0], (int)a[1], (siginfo_t *)a[2], (unsigned)a[3]);
    case SYS_rt_sigqueueinfo:
        r = real()(nr, a[0], a[1], a[2]);
        if (r == 0 && a[0] == sf_process.pid)
            sf_send_arrived(lane, (int)a[1]);
        return r;
    case SYS_rt_tgsigqueueinfo:
        return sf_send_queued(lane, (int)a[0], (int)a[1], (int)a[2], (siginfo_t *)a[3]);
    case SYS_execve:
        return execve((const char *)a[0], (char *const *)a[1], (char *const *)a[2]);
    case SYS_execveat:
        return execveat((int)a[0], (const char *)a[1], (char *const *)a[2], (char *const *)a[3], (int)a[4]);
    case SYS_prctl:
        return prctl((int)a[0], a[1], a[2], a[3], a[4]);
    case SYS_seccomp:
        if (a[0] != SECCOMP_SET_MODE_STRICT && (a[0] != SECCOMP_SET_MODE_FILTER || !a[2]))
            break;
        return SF_SANDBOX(lane, a[0] == SECCOMP_SET_MODE_FILTER ? (const struct sock_fprog *)a[2] : NULL,
                          (a[1] & SECCOMP_FILTER_FLAG_TSYNC) != 0, real()(nr, a[0], a[1], a[2]));
    case SYS_timer_create:
        r = real()(nr, a[0], a[1], a[2]);
        if (r == 0 && a[1] && ((const struct sigevent *)a[1])->sigev_notify == SIGEV_THREAD_ID)
            sf_route_aimed(((const struct sigevent *)a[1])->sigev_signo);
        return r;
    case SYS_timer_getoverrun:
        r = sf_timer_overrun(lane, (int)a[0]);
        if (r >= 0)
            return r;
        break;
    case SYS_ptrace:
        r = real()(nr, a[0], a[1], a[2], a[3]);
        if (r == 0 && a[0] == PTRACE_TRACEME)
            sf_process.traced = 1;
        return r;
    case SYS_exit:
        if (lane->tid == sys_gettid())
            sf_process_thread_exits(lane);
        break;
    case SYS_exit_group:
        sf_process_exits((int)a[0]);
        break;
    }
    return real()(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* A child with a copy of our memory goes on from here, too. */
static long fork_by(long nr, const long a[6])
{
    long r;
    SF_ADD(&sf_process.forking, 1);
    r = real()(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (r == 0)
        sf_process_child();
    else
        SF_ADD(&sf_process.forking, -1u);
    return r;
}

/* Does it fork? (What shares our memory, or has a stack of its own, is dealt with in the entry.) */
static int forks(long nr, const long a[6])
{
    const uint64_t *args = (const uint64_t *)a[0]; /* of clone3: flags first */
    return nr != SYS_clone3 || (a[1] >= 64 && sys_sigreadable(args) && !(args[0] & CLONE_VM));
}

/* The tail of the entry: syscall(2), with its arguments where they were. */
long sf_number(long nr, long a, long b, long c, long d, long e, long f)
{
    struct sf_lane *lane = sf_lane_self();
    unsigned kind = (unsigned long)nr < sizeof kinds ? kinds[nr] : OTHER;
    long args[6] = {a, b, c, d, e, f};

    if (lane && __builtin_expect(lane->frame != NULL, 0))
        sf_wakeup_other();
    if (!lane || kind == OTHER || (kind == WAITS && !sf_process.caught))
        return real()(nr, a, b, c, d, e, f);
    switch (kind) {
    case NAMED:
        return named(lane, nr, args);
    case ALONE:
        return SF_AWAY(real()(nr, a, b, c, d, e, f));
    case FORKS:
        return forks(nr, args) ? fork_by(nr, args) : real()(nr, a, b, c, d, e, f);
    }
    return sf_edge(about_signals(lane, nr, args));
}

/* Before and after a clone whose child shares our memory: see sf_process_beside. */
long sf_number_beside(void)
{
    sf_process_beside(sf_lane_self());
    return 0;
}

long sf_number_beside_over(long r)
{
    sf_process_beside_over(sf_lane_self());
    return sf_edge(r);
}
