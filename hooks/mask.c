/* context: thread, handler
 *
 * The signal mask, under all its names.
 */
#include "engine/event.h"
#include "hooks/hook.h"

/* Inlined, as those that call it, so that the return address is the program's. */
#define INLINED static inline __attribute__((always_inline))

INLINED int change(int how, const sigset_t *set, sigset_t *old)
{
    SF_CALLER(sf_lane_self());
    if (!sf_lane_self()) {
        int r = REAL(pthread_sigmask)(how, set, old);
        return -r;
    }
    return sf_mask_change(how, set, old);
}

SF_API int sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
    return sf_edge_int(change(how, set, old));
}

SF_API int pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
    return -change(how, set, old);
}

INLINED int change_one(int how, int signo)
{
    sigset_t one;
    if (signo < 1 || signo >= SF_NSIG)
        return -EINVAL;
    sf_set_put(&one, SF_BIT(signo));
    return change(how, &one, NULL);
}

SF_API int sighold(int signo)
{
    return sf_edge_int(change_one(SIG_BLOCK, signo));
}

SF_API int sigrelse(int signo)
{
    return sf_edge_int(change_one(SIG_UNBLOCK, signo));
}

/* The BSD forms: the first 32 signals in an int. */
INLINED int change_bsd(int how, const int *mask)
{
    sigset_t set, old;
    int err;
    if (mask)
        sf_set_put(&set, (uint32_t)*mask);
    err = change(how, mask ? &set : NULL, &old);
    return err ? sf_edge_int(err) : (int)(uint32_t)sf_set_get(&old);
}

SF_API int sigblock(int mask)
{
    return change_bsd(SIG_BLOCK, &mask);
}

SF_API int sigsetmask(int mask)
{
    return change_bsd(SIG_SETMASK, &mask);
}

SF_API int siggetmask(void)
{
    return change_bsd(SIG_BLOCK, NULL);
}

/* Pending and blocked: the kernel's queues, and what we hold, as far as the program blocks it. */
SF_API int sigpending(sigset_t *set)
{
    struct sf_lane *lane = sf_lane_self();
    if (!lane)
        return REAL(sigpending)(set);
    if (!sys_sigwritable(set)) /* and it holds what pends */
        return sf_edge_int(-EFAULT);
    sf_set_put(set, (sf_set_get(set) | SF_LOAD(&lane->held)) & lane->vmask);
    return 0;
}
