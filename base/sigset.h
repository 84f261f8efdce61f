/* context: any
 * Signal sets as the kernel has them: 64 bits, bit signo-1. */
#ifndef SF_BASE_SIGSET_H
#define SF_BASE_SIGSET_H

#include <signal.h>
#include <stdint.h>
#include <string.h>

typedef uint64_t sf_set;

#define SF_BIT(signo) ((sf_set)1 << ((signo) - 1))
#define SF_HAS(set, signo) (((set) >> ((signo) - 1)) & 1)

/* Never blocked, whatever is asked (the kernel drops them silently). */
#define SF_SET_UNBLOCKABLE (SF_BIT(SIGKILL) | SF_BIT(SIGSTOP))
/* libc's own: cancellation and setuid in all threads. glibc drops them from every mask it is given. */
#define SF_SET_LIBC (SF_BIT(32) | SF_BIT(33))
/* From the thread's own act: blocked while they happen, they kill. */
#define SF_SET_FAULTS \
    (SF_BIT(SIGSEGV) | SF_BIT(SIGBUS) | SF_BIT(SIGFPE) | SF_BIT(SIGILL) | SF_BIT(SIGTRAP) | SF_BIT(SIGSYS))
/* With these two: never routed. */
#define SF_SET_OWN_ACT (SF_SET_FAULTS | SF_BIT(SIGPIPE) | SF_BIT(SIGXFSZ))
/* Real-time signals: the kernel queues them one by one. */
#define SF_SET_RT (~(sf_set)0 << 33)

/* Behind the value of a queued siginfo_t: the kernel keeps these four bytes (it has 48) and nobody reads them. Under
 * libsigferry.so a mark stands there. */
#define SF_AIM_AT 44

static inline sf_set sf_set_get(const sigset_t *s)
{
    sf_set v;
    memcpy(&v, s, sizeof v);
    return v;
}

/* Fill a libc set (1024 bits; the rest is cleared, as glibc does when it hands sets out). */
static inline void sf_set_put(sigset_t *s, sf_set v)
{
    memset(s, 0, sizeof *s);
    memcpy(s, &v, sizeof v);
}

/* The first 64 bits alone: all that exists in a frame that the kernel built. */
static inline void sf_set_put_kernel(void *s, sf_set v)
{
    memcpy(s, &v, sizeof v);
}

/* Lowest signal of a set that is not empty. */
static inline int sf_set_first(sf_set v)
{
    return __builtin_ctzll(v) + 1;
}

#endif
