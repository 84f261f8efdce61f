/* context: thread, handler
 *
 * Waiting for signals: suspended under another mask, or taking them out of the queue.
 */
#include "engine/taken.h"
#include "hooks/hook.h"
#include "hooks/number.h"

#include <sys/signalfd.h>

SF_API int pause(void)
{
    if (!sf_hook_point())
        return REAL(pause)();
    return sf_edge_int(SF_POINT(SF_CANCELS, NULL, SYS_pause, 0, 0, 0, 0, 0, 0));
}

static int suspend(struct sf_lane *lane, sf_set mask)
{
    sf_set kernel;
    mask = sf_mask_clean(mask);
    kernel = sf_mask_kernel(lane, mask);
    return sf_edge_int(SF_POINT(SF_CANCELS, &mask, SYS_rt_sigsuspend, &kernel, 8, 0, 0, 0, 0));
}

SF_API int sigsuspend(const sigset_t *set)
{
    struct sf_lane *lane = sf_hook_point();
    if (!lane)
        return REAL(sigsuspend)(set);
    return sys_sigreadable(set) ? suspend(lane, sf_set_get(set)) : sf_edge_int(-EFAULT);
}
int __sigsuspend(const sigset_t *set);
SF_API int __sigsuspend(const sigset_t *set) __attribute__((alias("sigsuspend")));

/* X/Open: wait with one signal taken out of the mask; BSD: wait with this mask of the first 32. */
int __sigpause(int arg, int is_signo);
int __xpg_sigpause(int signo);

SF_API int __sigpause(int arg, int is_signo)
{
    struct sf_lane *lane = sf_hook_point();
    if (!lane)
        return REAL(__sigpause)(arg, is_signo);
    if (!is_signo)
        return suspend(lane, (uint32_t)arg);
    if (arg < 1 || arg >= SF_NSIG)
        return sf_edge_int(-EINVAL);
    return suspend(lane, lane->vmask & ~SF_BIT(arg));
}

SF_API int __xpg_sigpause(int signo)
{
    return __sigpause(signo, 1);
}

/* The headers turn this name into the X/Open one. */
int sf_sigpause(int mask) __asm__("sigpause");
SF_API int sf_sigpause(int mask)
{
    return __sigpause(mask, 0);
}

/* The kernel has handed out *info, perhaps the copy of one that is held, or one that is younger. 0: nothing, for this copy's
 * signal has been handled. */
static int held_first(struct sf_lane *lane, int signo, siginfo_t *info)
{
    int found = 1;
    if (signo < 34) {
        if (sf_slot_is_copy(info))
            info->si_errno = 0;
        return 1;
    }
    lane->busy++;
    sf_slot_came(lane, signo, info);
    found = sf_slot_next(lane, signo, info);
    lane->again &= ~SF_BIT(signo);
    sf_busy_end(lane);
    return found;
}

/* Held signals that the program has blocked since are the kernel's affair: there the wait finds them. */
long sf_wait_take(struct sf_lane *lane, unsigned flags, sf_set set, siginfo_t *info, const struct timespec *timeout)
{
    siginfo_t own, *to = info ? info : &own;
    long r;
    sf_set wanted = sf_mask_unrelayed(set & ~SF_SET_LIBC);
    do {
        if (SF_LOAD(&lane->held) & lane->vmask & wanted)
            sf_slot_let(lane, lane->vmask & wanted);
        SF_STORE(&lane->takes, wanted); /* the listener leaves them to the kernel, which wakes us */
        r = SF_POINT(flags, NULL, SYS_rt_sigtimedwait, &wanted, to, timeout, 8, 0, 0);
        SF_STORE(&lane->takes, 0);
    } while (r > 0 && !held_first(lane, (int)r, to));
    if (r > 0) {
        sf_info_clean(to);
        lane->known &= ~SF_BIT(r);
        sf_taken((int)r, to, -1);
    }
    return r;
}

/* libc hides the difference between tgkill and kill here. */
static long take(struct sf_lane *lane, const sigset_t *set, siginfo_t *info, const struct timespec *timeout)
{
    long r = sys_sigreadable(set) ? sf_wait_take(lane, SF_CANCELS, sf_set_get(set), info, timeout) : -EFAULT;
    if (r > 0 && info && info->si_code == SI_TKILL)
        info->si_code = SI_USER;
    return r;
}

/* The same for a thread that we have nothing to do with: libc's own. */
static long take_natively(const sigset_t *set, siginfo_t *info, const struct timespec *timeout)
{
    siginfo_t own;
    int saved = errno, r = REAL(sigtimedwait)(set, info ? info : &own, timeout), err = errno;
    errno = saved;
    if (r > 0)
        sf_taken(r, info ? info : &own, -1);
    return r < 0 ? -err : r;
}

SF_API int sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *timeout)
{
    struct sf_lane *lane = sf_hook_point();
    return sf_edge_int(lane ? take(lane, set, info, timeout) : take_natively(set, info, timeout));
}

SF_API int sigwaitinfo(const sigset_t *set, siginfo_t *info)
{
    struct sf_lane *lane = sf_hook_point();
    return sf_edge_int(lane ? take(lane, set, info, NULL) : take_natively(set, info, NULL));
}

SF_API int sigwait(const sigset_t *set, int *signo)
{
    struct sf_lane *lane = sf_hook_point();
    long r;
    if (!lane && !sf_tracing())
        return REAL(sigwait)(set, signo);
    do
        r = lane ? take(lane, set, NULL, NULL) : take_natively(set, NULL, NULL);
    while (r == -EINTR);
    if (r < 0)
        return (int)-r;
    *signo = (int)r;
    return 0;
}

/* What it shows stays in the kernel's queues; but a read of "every signal" must not swallow a relay on its way. */
SF_API int signalfd(int fd, const sigset_t *set, int flags)
{
    sigset_t wanted;
    int made;
    if (!sys_sigreadable(set))
        return sf_edge_int(-EFAULT);
    sf_set_put(&wanted, sf_mask_unrelayed(sf_set_get(set)));
    made = REAL(signalfd)(fd, &wanted, flags);
    if (made >= 0)
        sf_taken_show(sf_set_get(&wanted));
    return made;
}
