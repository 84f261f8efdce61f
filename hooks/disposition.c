/* context: thread, handler
 *
 * What handles a signal: sigaction and the older names for it. glibc's own versions of the older names call its
 * internals and not our sigaction, so each is here.
 */
#include "engine/event.h"
#include "hooks/hook.h"

/* The signals that siginterrupt() was told to let interrupt; signal() obeys (as libc's _sigintr). */
static volatile sf_set interrupting;

SF_API int sigaction(int signo, const struct sigaction *act, struct sigaction *old)
{
    SF_CALLER(sf_lane_self());
    return sf_edge_int(sf_disposition_change(signo, act, old));
}
SF_API int __sigaction(int signo, const struct sigaction *act, struct sigaction *old) __attribute__((alias("sigaction")));

/* Inlined, so that the return address is the program's. */
static inline __attribute__((always_inline)) sighandler_t install(int signo, sighandler_t handler, int flags, int masks_itself)
{
    struct sigaction act, old;
    if (handler == SIG_ERR || signo < 1 || signo >= SF_NSIG) {
        errno = EINVAL;
        return SIG_ERR;
    }
    SF_CALLER(sf_lane_self());
    memset(&act, 0, sizeof act);
    act.sa_handler = handler;
    act.sa_flags = flags;
    if (masks_itself)
        sf_set_put(&act.sa_mask, SF_BIT(signo));
    if (sigaction(signo, &act, &old) < 0)
        return SIG_ERR;
    return old.sa_handler;
}

SF_API sighandler_t signal(int signo, sighandler_t handler)
{
    int valid = signo >= 1 && signo < SF_NSIG;
    return install(signo, handler, valid && SF_HAS(interrupting, signo) ? 0 : SA_RESTART, 1);
}
sighandler_t bsd_signal(int signo, sighandler_t handler);
SF_API sighandler_t bsd_signal(int signo, sighandler_t handler) __attribute__((alias("signal")));
SF_API sighandler_t ssignal(int signo, sighandler_t handler) __attribute__((alias("signal")));

SF_API sighandler_t sysv_signal(int signo, sighandler_t handler)
{
    return install(signo, handler, (int)((unsigned)SA_RESETHAND | SA_NODEFER), 0);
}
SF_API sighandler_t __sysv_signal(int signo, sighandler_t handler) __attribute__((alias("sysv_signal")));

/* System V: SIG_HOLD blocks, anything else installs and unblocks. Tells what was there, SIG_HOLD if blocked. */
SF_API sighandler_t sigset(int signo, sighandler_t handler)
{
    sigset_t one, was;
    struct sigaction act, old;

    if (signo < 1 || signo >= SF_NSIG) { /* (SIG_ERR it installs) */
        errno = EINVAL;
        return SIG_ERR;
    }
    SF_CALLER(sf_lane_self());
    sf_set_put(&one, SF_BIT(signo));
    if (handler == SIG_HOLD) {
        if (sigprocmask(SIG_BLOCK, &one, &was) < 0)
            return SIG_ERR;
        if (SF_HAS(sf_set_get(&was), signo))
            return SIG_HOLD;
        return sigaction(signo, NULL, &old) < 0 ? SIG_ERR : old.sa_handler;
    }
    memset(&act, 0, sizeof act);
    act.sa_handler = handler;
    if (sigaction(signo, &act, &old) < 0 || sigprocmask(SIG_UNBLOCK, &one, &was) < 0)
        return SIG_ERR;
    return SF_HAS(sf_set_get(&was), signo) ? SIG_HOLD : old.sa_handler;
}

SF_API int sigignore(int signo)
{
    struct sigaction act;
    SF_CALLER(sf_lane_self());
    memset(&act, 0, sizeof act);
    act.sa_handler = SIG_IGN;
    return sigaction(signo, &act, NULL);
}

SF_API int siginterrupt(int signo, int interrupt)
{
    struct sigaction act;
    SF_CALLER(sf_lane_self());
    if (sigaction(signo, NULL, &act) < 0)
        return -1;
    if (interrupt) {
        SF_OR(&interrupting, SF_BIT(signo));
        act.sa_flags &= ~SA_RESTART;
    } else {
        SF_AND(&interrupting, ~SF_BIT(signo));
        act.sa_flags |= SA_RESTART;
    }
    return sigaction(signo, &act, NULL) < 0 ? -1 : 0;
}
