/* context: thread, handler; the vfork part also in a vfork child
 *
 * New processes and new programs. fork itself needs no hook: pthread_atfork tells us (engine/process.c), also where
 * libc forks by itself.
 */
#include "engine/event.h"
#include "hooks/hook.h"
#include "hooks/number.h"
#include <linux/seccomp.h>

void sf_vfork_before(void);
long sf_vfork_after(long r);
void sf_exec_begin(void);

/* The child borrows our memory, our stack and this lane: while it does, every hook steps back, and in it the stub calls
 * handlers as natively. The parent sleeps meanwhile. But what comes to the parent just before it, or pends when it wakes,
 * finds the flag as well, and its handler's calls would pass us by: it is held (`busy`) until the flag is down. */
void sf_vfork_before(void)
{
    struct sf_lane *lane = sf_lane_raw();
    if (!lane)
        return;
    lane->busy++; /* first, and lowered last */
    lane->vfork++;
}

static void vfork_over(struct sf_lane *lane)
{
    lane->vfork--;
    sf_busy_end(lane);
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
        vfork_over(lane);
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
    int r;
    sf_process_child();
    r = s.fn(s.arg);
    if (sf_lane_self())
        sf_process_thread_exits(sf_lane_self()); /* libc ends it by the bare system call */
    return r;
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
    if (!lane)
        return REAL(clone)(fn, stack, flags, arg, parent_tid, tls, child_tid);
    if ((flags & CLONE_THREAD) || ((flags & CLONE_VM) && !(flags & CLONE_VFORK))) {
        sf_process_beside(lane);
        r = REAL(clone)(fn, stack, flags, arg, parent_tid, tls, child_tid);
        sf_process_beside_over(lane);
        return r;
    }
    if (!(flags & CLONE_VM)) {
        SF_ADD(&sf_process.forking, 1);
        r = REAL(clone)(forked, stack, flags, &s, parent_tid, tls, child_tid);
        SF_ADD(&sf_process.forking, -1u);
        return r;
    }
    sf_vfork_before();
    r = REAL(clone)(borrowed, stack, flags, &s, parent_tid, tls, child_tid);
    vfork_over(lane);
    return r;
}
int __clone(int (*fn)(void *), void *stack, int flags, void *arg, ...);
SF_API int __clone(int (*fn)(void *), void *stack, int flags, void *arg, ...) __attribute__((alias("clone")));

/* ---- the end ---- */

void sf_process_exits(int status)
{
    if (sf_lane_self())
        sf_event_exit(status);
    sf_process_ends();
}

SF_API void _exit(int status)
{
    sf_process_exits(status);
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

/* Most children exec. What the parent has looked up, none of them looks up, in pages that are not mapped there yet. */
static void before_fork(void)
{
    (void)REAL(execve);
    (void)REAL(execv);
    (void)REAL(execvp);
}

/* Setup context. */
void sf_exec_begin(void)
{
    sf_libc.register_atfork(before_fork, NULL, NULL, NULL);
}

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

/* ---- what threads have of their own ---- */

SF_API int prctl(int op, ...)
{
    struct sf_lane *lane = sf_lane_self();
    unsigned long a[4];
    va_list ap;
    va_start(ap, op);
    for (int i = 0; i < 4; i++)
        a[i] = va_arg(ap, unsigned long);
    va_end(ap);
    if (op == PR_SET_TSC && a[0] != PR_TSC_ENABLE)
        sf_clock = NULL; /* for good: threads inherit it, and each has its own */
    if (op == PR_SET_NO_NEW_PRIVS || op == PR_CAPBSET_DROP || op == PR_CAP_AMBIENT || op == PR_SET_SECUREBITS)
        return SF_AWAY(REAL(prctl)(op, a[0], a[1], a[2], a[3]));
    if (lane && op == PR_SET_SECCOMP && (a[0] == SECCOMP_MODE_STRICT || (a[0] == SECCOMP_MODE_FILTER && a[1])))
        return SF_SANDBOX(lane, a[0] == SECCOMP_MODE_FILTER ? (const struct sock_fprog *)a[1] : NULL, 0,
                          REAL(prctl)(op, a[0], a[1], a[2], a[3]));
    return REAL(prctl)(op, a[0], a[1], a[2], a[3]);
}

SF_API long ptrace(enum __ptrace_request op, ...)
{
    struct sf_lane *lane = sf_lane_self();
    void *a[3];
    va_list ap;
    long r;
    va_start(ap, op);
    for (int i = 0; i < 3; i++)
        a[i] = va_arg(ap, void *);
    va_end(ap);
    r = REAL(ptrace)(op, a[0], a[1], a[2]);
    if (r == 0 && op == PTRACE_TRACEME && lane)
        sf_process.traced = 1;
    return r;
}
