/* context: thread
 *
 * libc's own sleeping functions, with the gate open around them; and the calls for which the listener leaves the
 * process for a moment, because they refuse threads or change what every thread has of its own.
 */
#include "hooks/hook.h"
#include <grp.h>
#include <sys/fsuid.h>

/* Cancellation unwinds through the sleeping call. */
static void leave(struct sf_lane **lane)
{
    int saved = errno;
    if (*lane)
        sf_soft_leave(*lane);
    errno = saved;
}

#define SOFT(family, ret, name, params, args)                             \
    SF_API ret name params                                                \
    {                                                                     \
        struct sf_lane *lane __attribute__((cleanup(leave))) = sf_hook_point(); \
        if (lane)                                                         \
            sf_soft_enter(lane);                                          \
        return REAL(name) args;                                           \
    }
#define STEP(family, ret, name, params, args) \
    int name params;                          \
    SF_API ret name params                    \
    {                                         \
        int token = sf_step_out();            \
        ret result_ = REAL(name) args;        \
        int saved = errno;                    \
        sf_step_in(token);                    \
        errno = saved;                        \
        return result_;                       \
    }
#include "hooks/hooks.def"
