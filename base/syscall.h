/* context: any
 * Raw system calls by name; each returns its result or -errno and leaves errno alone. */
#ifndef SF_BASE_SYSCALL_H
#define SF_BASE_SYSCALL_H

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>

#include <sf_syscall.h>

#define SF_SYS(n, a, b, c, d, e, f) \
    sf_syscall6((long)(n), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

static inline long sys_open(const char *path, int flags, int mode)
{
    return SF_SYS(SYS_openat, -100 /* AT_FDCWD */, path, flags, mode, 0, 0);
}
static inline long sys_read(int fd, void *buf, size_t n)
{
    return SF_SYS(SYS_read, fd, buf, n, 0, 0, 0);
}
static inline long sys_close(int fd)
{
    return SF_SYS(SYS_close, fd, 0, 0, 0, 0, 0);
}
static inline int sys_getpid(void)
{
    return (int)SF_SYS(SYS_getpid, 0, 0, 0, 0, 0, 0);
}
static inline int sys_gettid(void)
{
    return (int)SF_SYS(SYS_gettid, 0, 0, 0, 0, 0, 0);
}
static inline long sys_sigprocmask(int how, const uint64_t *set, uint64_t *old)
{
    return SF_SYS(SYS_rt_sigprocmask, how, set, old, 8, 0, 0);
}
/* Is a set of signals there to be read, where the kernel would have said EFAULT and we read it ourselves? It copies the set
 * before it looks at what it is asked to do with it, which is nothing. */
static inline int sys_sigreadable(const void *set)
{
    return SF_SYS(SYS_rt_sigprocmask, -1, set, NULL, 8, 0, 0) != -EFAULT && set;
}
/* Is there room for one? What is there is lost. */
static inline int sys_sigwritable(void *set)
{
    return SF_SYS(SYS_rt_sigpending, set, 8, 0, 0, 0, 0) != -EFAULT;
}
/* The same of a time, or of anything else of two words. */
static inline int sys_pairreadable(const void *pair)
{
    return sys_sigreadable(pair) && sys_sigreadable((const char *)pair + 8);
}
static inline int sys_pairwritable(void *pair)
{
    return sys_sigwritable(pair) && sys_sigwritable((char *)pair + 8);
}
/* What pends, blocked, for the calling thread: its own and the process's. */
static inline uint64_t sys_sigpending(void)
{
    uint64_t set = 0;
    SF_SYS(SYS_rt_sigpending, &set, 8, 0, 0, 0, 0);
    return set;
}
/* Dequeue one signal of *set without waiting: its number, or -EAGAIN. */
static inline long sys_sigtake(const uint64_t *set, siginfo_t *info)
{
    static const struct timespec zero;
    return SF_SYS(SYS_rt_sigtimedwait, set, info, &zero, 8, 0, 0);
}
static inline long sys_tgkill(int pid, int tid, int sig)
{
    return SF_SYS(SYS_tgkill, pid, tid, sig, 0, 0, 0);
}
/* Only to itself may a thread queue any si_code (the kernel checks). */
static inline long sys_tgsigqueue(int pid, int tid, int sig, const siginfo_t *info)
{
    return SF_SYS(SYS_rt_tgsigqueueinfo, pid, tid, sig, info, 0, 0);
}
static inline long sys_futex_wait(volatile uint32_t *word, uint32_t value, const struct timespec *timeout)
{
    return SF_SYS(SYS_futex, word, 128 /* WAIT | PRIVATE */, value, timeout, 0, 0);
}
static inline long sys_futex_wake(volatile uint32_t *word, int count)
{
    return SF_SYS(SYS_futex, word, 129 /* WAKE | PRIVATE */, count, 0, 0, 0);
}

/* Nanoseconds of CLOCK_MONOTONIC without the vDSO, which reads the time stamp counter: a program can have that fault. */
static inline uint64_t sf_now_raw(void)
{
    struct timespec t = {0, 0};
    SF_SYS(SYS_clock_gettime, CLOCK_MONOTONIC, &t, 0, 0, 0, 0);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* The vDSO's function, once it is known (libc/): not the name, for a library that is loaded before libc may answer to that
 * with locks and thread-local storage, which the listener has not. NULL: none, or it may fault, and the program's handler
 * would jump out of the middle of the engine. (clock.c) */
extern int (*volatile sf_clock)(long, struct timespec *);

/* The same, as quickly as it goes. Async-signal-safe, needs no TLS. */
static inline uint64_t sf_now(void)
{
    int (*clock)(long, struct timespec *) = sf_clock;
    struct timespec t;
    if (!clock || clock(CLOCK_MONOTONIC, &t) != 0)
        return sf_now_raw();
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

#endif
