/* context: thread
 *
 * libc's own sleeping functions, with the gate open around them; and the calls for which the listener leaves the
 * process for a moment, because they refuse threads or change what every thread has of its own.
 */
#include "hooks/hook.h"
#include <grp.h>
#include <sys/fsuid.h>

static void leave(struct sf_lane *lane)
{
    int saved = errno;
    sf_soft_leave(lane);
    errno = saved;
}

/* A thread cancelled in here leaves with its gate open, and ends. */
#define SOFT(family, ret, name, params, args)                             \
    SF_API ret name params                                                \
    {                                                                     \
        struct sf_lane *lane_ = sf_hook_point();                          \
        ret result_;                                                      \
        if (!lane_)                                                       \
            return REAL(name) args;                                       \
        sf_soft_enter(lane_);                                             \
        result_ = REAL(name) args;                                        \
        leave(lane_);                                                     \
        return result_;                                                   \
    }
#define STEP(family, ret, name, params, args) \
    int name params;                          \
    SF_API ret name params                    \
    {                                         \
        return SF_AWAY(REAL(name) args);      \
    }
#include "hooks/hooks.def"

SF_API int aio_suspend64(const struct aiocb64 *const list[], int n, const struct timespec *timeout)
    __attribute__((alias("aio_suspend")));
