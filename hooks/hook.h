/* How to add a hook:
 *
 *   1. a line in hooks/hooks.def: that makes the real pointer and the export;
 *   2. for HOOK: the function, marked SF_API, in the file of its family. A hook is thin: it asks for the lane,
 *      calls the engine or REAL(name), and turns -errno into errno. No policy;
 *   3. a test in tests/corner/, and the name out of hooks/waived.def if it stood there.
 *
 * Rules, enforced by what follows and by the tests:
 *   - no libc function that a handler could not call, unless the hooked function is itself unsafe;
 *   - success leaves errno untouched;
 *   - a thread without a lane (sf_lane_self() == NULL) goes straight to the real function.
 */
#ifndef SF_HOOKS_HOOK_H
#define SF_HOOKS_HOOK_H

/* The hooks keep the plain prototypes of the headers: fortified inline forms would redefine them. */
#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/msg.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <threads.h>
#include <ucontext.h>
#include <unistd.h>
#include <wordexp.h>

#include "engine/engine.h"
#include "libc/libc.h"

/* The headers call some functions nothrow; their other names need not be. */
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmissing-attributes"
#endif

#define SF_API __attribute__((visibility("default")))

struct __user_cap_header_struct;
struct __user_cap_data_struct;

/* libc's own definitions behind ours. */
struct sf_real {
#define HOOK(family, ret, name, params, args) ret(*p_##name) params;
#define ASM(family, name) void *p_##name;
#include "hooks/hooks.def"
};
extern struct sf_real sf_real;

/* Looked up at the first use, wherever that is: the resolver takes no lock and no memory (libc/resolve.c), and a
 * program that calls three of two hundred functions pays for three. Two threads that come first together store
 * the same value. */
#define REAL(name)                                                                                   \
    (*({                                                                                             \
        if (__builtin_expect(!sf_real.p_##name, 0))                                                  \
            __atomic_store_n((void **)(void *)&sf_real.p_##name, sf_libc_resolve(#name), __ATOMIC_RELAXED); \
        &sf_real.p_##name;                                                                           \
    }))

static inline int sf_edge_int(long r)
{
    if (r >= 0)
        return (int)r;
    errno = (int)-r;
    return -1;
}

static inline long sf_edge(long r)
{
    if (r >= 0)
        return r;
    errno = (int)-r;
    return -1;
}

/* The lane if the call is to be made as an interruption point, else NULL. Notes that a handler made a call. */
static inline struct sf_lane *sf_hook_point(void)
{
    struct sf_lane *lane = sf_point_lane();
    if (lane && __builtin_expect(lane->frame != NULL, 0))
        sf_wakeup_other();
    return lane;
}

#define SF_POINT(flags, temp, nr, a1, a2, a3, a4, a5, a6) \
    sf_point(flags, temp, nr, (const long[6]){(long)(a1), (long)(a2), (long)(a3), (long)(a4), (long)(a5), (long)(a6)})

/* Under seccomp our own code may make no call that the sandbox refuses: engine/sandbox.c. `call` makes it. */
#define SF_SANDBOX(lane, filter, all, call)               \
    ({                                                    \
        int token_ = sf_sandbox_enter(lane, filter, all); \
        __typeof__(call) r_ = (call);                     \
        int saved_ = errno;                               \
        sf_sandbox_done(lane, token_, r_ < 0);            \
        errno = saved_;                                   \
        r_;                                               \
    })

/* `call` while the listener is out of the process: what the caller gives up in it, the next listener has not, either. */
#define SF_AWAY(call)                 \
    ({                                \
        int token_ = sf_step_out();   \
        __typeof__(call) r_ = (call); \
        int saved_ = errno;           \
        sf_step_in(token_);           \
        errno = saved_;               \
        r_;                           \
    })

#endif
