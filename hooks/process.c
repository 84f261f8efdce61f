/* context: thread, handler; the vfork part also in a vfork child
 *
 * New processes and new programs. fork itself needs no hook: pthread_atfork tells us (engine/process.c), also where
 * libc forks by itself.
 */
#include "engine/event.h"
#include "hooks/hook.h"
#include "hooks/send.h"
#include <linux/filter.h>
#include <linux/seccomp.h>

void sf_vfork_before(void);
long sf_vfork_after(long r);

/* The child borrows our memory, our stack and this lane: while it does, every hook steps back, and the stub calls
 * handlers as natively. The parent sleeps meanwhile, so the flag is never true for it. */
void sf_vfork_before(void)
{
    struct sf_lane *lane = sf_lane_raw();
    if (lane)
        lane->vfork++;
}

/* In the child first (r == 0), then in the parent. The tail of the vfork stub: its value is vfork's. */
long sf_vfork_after(long r)
{
    struct sf_lane *lane = sf_lane_raw();
    if (r == 0) {
        if (lane)
            sys_sigprocmask(SIG_SETMASK, &lane->vmask, NULL);
        return 0;
    }
    if (lane)
        lane->vfork--;
    return sf_edge(r);
}

SF_API pid_t _Fork(void)
{
    pid_t pid;
    SF_ADD(&sf_process.forking, 1);
    pid = REAL(_Fork)();
    if (pid == 0)
        sf_process_child();
    else
        SF_ADD(&sf_process.forking, -1u);
    return pid;
}

/* ---- clone ---- */

struct start {
    int (*fn)(void *);
    void *arg;
};

static int forked(void *p)
{
    struct start s = *(struct start *)p;
    sf_process_child();
    return s.fn(s.arg);
}

/* A child with our memory and our thread pointer: as after vfork. */
static int borrowed(void *p)
{
    struct start s = *(struct start *)p;
    sf_vfork_after(0);
    return s.fn(s.arg);
}

SF_API int clone(int (*fn)(void *), void *stack, int flags, void *arg, ...)
{
    struct start s = {fn, arg};
    struct sf_lane *lane = sf_lane_self();
    void *parent_tid, *tls, *child_tid;
    va_list ap;
    int r;

    va_start(ap, arg);
    parent_tid = va_arg(ap, void *);
    tls = va_arg(ap, void *);
    child_tid = va_arg(ap, void *);
    va_end(ap);
    if (!lane || (flags & CLONE_THREAD) || ((flags & CLONE_VM) && !(flags & CLONE_VFORK)))
        return REAL(clone)(fn, stack, flags, arg, parent_tid, tls, child_tid);
    if (!(flags & CLONE_VM)) {
        SF_ADD(&sf_process.forking, 1);
        r = REAL(clone)(forked, stack, flags, &s, parent_tid, tls, child_tid);
        SF_ADD(&sf_process.forking, -1u);
        return r;
    }
    sf_vfork_before();
    r = REAL(clone)(borrowed, stack, flags, &s, parent_tid, tls, child_tid);
    lane->vfork--;
    return r;
}
int __clone(int (*fn)(void *), void *stack, int flags, void *arg, ...);
SF_API int __clone(int (*fn)(void *), void *stack, int flags, void *arg, ...) __attribute__((alias("clone")));

/* ---- the end ---- */

SF_API void _exit(int status)
{
    if (sf_lane_self())
        sf_event_exit(status);
    REAL(_exit)(status);
    __builtin_unreachable();
}
SF_API void _Exit(int status) __attribute__((alias("_exit")));

/* ---- exec ---- */

#define LEAVE(path, call)                      \
    ({                                         \
        struct sf_lane *lane_ = sf_lane_self(); \
        int r_;                                \
        if (lane_) {                           \
            sf_leave_begin(lane_);             \
            sf_event_exec(lane_, path);        \
        }                                      \
        r_ = (call);                           \
        if (lane_) {                           \
            int saved_ = errno;                \
            sf_event_exec_failed();            \
            sf_leave_failed(lane_);            \
            errno = saved_;                    \
        }                                      \
        r_;                                    \
    })

SF_API int execve(const char *path, char *const argv[], char *const envp[])
{
    return LEAVE(path, REAL(execve)(path, argv, envp));
}

SF_API int execv(const char *path, char *const argv[])
{
    return LEAVE(path, REAL(execv)(path, argv));
}

SF_API int execvp(const char *file, char *const argv[])
{
    return LEAVE(file, REAL(execvp)(file, argv));
}

SF_API int execvpe(const char *file, char *const argv[], char *const envp[])
{
    return LEAVE(file, REAL(execvpe)(file, argv, envp));
}

SF_API int fexecve(int fd, char *const argv[], char *const envp[])
{
    return LEAVE("(descriptor)", REAL(fexecve)(fd, argv, envp));
}

SF_API int execveat(int at, const char *path, char *const argv[], char *const envp[], int flags)
{
    return LEAVE(path, REAL(execveat)(at, path, argv, envp, flags));
}

/* The list forms: the arguments go onto our stack (no heap: this may be a vfork child). */
#define COLLECT(argv, first, ap)                              \
    size_t n_ = 1;                                            \
    va_list count_;                                           \
    va_copy(count_, ap);                                      \
    while (va_arg(count_, const char *))                      \
        n_++;                                                 \
    va_end(count_);                                           \
    char **argv = __builtin_alloca((n_ + 1) * sizeof *argv);  \
    argv[0] = (char *)(uintptr_t)(first);                     \
    for (size_t i_ = 1; i_ <= n_; i_++)                       \
        argv[i_] = va_arg(ap, char *)

SF_API int execl(const char *path, const char *arg, ...)
{
    va_list ap;
    va_start(ap, arg);
    COLLECT(argv, arg, ap);
    va_end(ap);
    return execv(path, argv);
}

SF_API int execlp(const char *file, const char *arg, ...)
{
    va_list ap;
    va_start(ap, arg);
    COLLECT(argv, arg, ap);
    va_end(ap);
    return execvp(file, argv);
}

SF_API int execle(const char *path, const char *arg, ...)
{
    va_list ap;
    char **envp;
    va_start(ap, arg);
    COLLECT(argv, arg, ap);
    envp = va_arg(ap, char **);
    va_end(ap);
    return execve(path, argv, envp);
}

/* ---- calls by number ---- */

/* Under seccomp our own code may make no call that the sandbox refuses: engine/sandbox.c. `call` makes it. */
#define SANDBOX(lane, filter, all, call)                               \
    ({                                                                 \
        int token_ = sf_sandbox_enter(lane, filter, all);              \
        __typeof__(call) r_ = (call);                                  \
        if (r_ < 0) {                                                  \
            int saved_ = errno;                                        \
            sf_sandbox_failed(lane, token_);                           \
            errno = saved_;                                            \
        }                                                              \
        r_;                                                            \
    })

static long by_number(struct sf_lane *lane, long nr, const long a[6])
{
    int forks;
    long r;
    switch (nr) {
    case SYS_kill:
        return kill((pid_t)a[0], (int)a[1]);
    case SYS_tgkill:
        return tgkill((pid_t)a[0], (pid_t)a[1], (int)a[2]);
    case SYS_tkill:
        return sf_lane_of_tid((int)a[0]) ? tgkill(sf_process.pid, (pid_t)a[0], (int)a[1])
                                         : REAL(syscall)(nr, a[0], a[1]);
    case SYS_rt_sigprocmask: {
        sigset_t set, old;
        if (a[3] != 8)
            break;
        if (a[1])
            sf_set_put(&set, *(const sf_set *)a[1]);
        r = sf_mask_change((int)a[0], a[1] ? &set : NULL, &old);
        if (r == 0 && a[2])
            *(sf_set *)a[2] = sf_set_get(&old);
        return sf_edge(r);
    }
    case SYS_pidfd_send_signal:
        return pidfd_send_signal((int)a[0], (int)a[1], (siginfo_t *)a[2], (unsigned)a[3]);
    case SYS_rt_sigqueueinfo:
        r = REAL(syscall)(nr, a[0], a[1], a[2]);
        if (r == 0 && a[0] == sf_process.pid)
            sf_send_arrived(lane, (int)a[1]);
        return r;
    case SYS_rt_tgsigqueueinfo:
        return sf_send_queued(lane, (int)a[0], (int)a[1], (int)a[2], (siginfo_t *)a[3]);
    case SYS_unshare:
        return unshare((int)a[0]);
    case SYS_seccomp:
        if (a[0] != SECCOMP_SET_MODE_STRICT && a[0] != SECCOMP_SET_MODE_FILTER)
            break;
        return SANDBOX(lane, a[0] == SECCOMP_SET_MODE_FILTER ? (const struct sock_fprog *)a[2] : NULL,
                       (a[1] & SECCOMP_FILTER_FLAG_TSYNC) != 0, REAL(syscall)(nr, a[0], a[1], a[2]));
    case SYS_exit:
        sf_lane_end(lane);
        break;
    }
    forks = nr == SYS_fork || (nr == SYS_clone && !(a[0] & CLONE_VM));
    if (forks)
        SF_ADD(&sf_process.forking, 1);
    r = REAL(syscall)(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (forks && r == 0)
        sf_process_child();
    else if (forks)
        SF_ADD(&sf_process.forking, -1u);
    return r;
}

SF_API long syscall(long nr, ...)
{
    struct sf_lane *lane = sf_lane_self();
    long a[6];
    va_list ap;
    va_start(ap, nr);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(ap, long);
    va_end(ap);
    if (!lane)
        return REAL(syscall)(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (lane->frame)
        sf_wakeup_other();
    return by_number(lane, nr, a);
}

SF_API int prctl(int op, ...)
{
    struct sf_lane *lane = sf_lane_self();
    unsigned long a[4];
    va_list ap;
    va_start(ap, op);
    for (int i = 0; i < 4; i++)
        a[i] = va_arg(ap, unsigned long);
    va_end(ap);
    if (lane && op == PR_SET_SECCOMP && (a[0] == SECCOMP_MODE_STRICT || a[0] == SECCOMP_MODE_FILTER))
        return SANDBOX(lane, a[0] == SECCOMP_MODE_FILTER ? (const struct sock_fprog *)a[1] : NULL, 0,
                       REAL(prctl)(op, a[0], a[1], a[2], a[3]));
    return REAL(prctl)(op, a[0], a[1], a[2], a[3]);
}
