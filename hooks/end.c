/* context: thread
 *
 * The end of the process. What came before it is handled before it: natively it had been when it came. (exit and
 * quick_exit tell through the guards, as they are guarded; a death by signal through hooks/send.c.)
 */
#include "engine/event.h"
#include "engine/jump.h"
#include "hooks/hook.h"

#define APART 65536

static int (*program)(int, char **, char **);

/* What main leaves on the stack is below that of handlers which are called after it: see sf_jump_ended. */
static __attribute__((noinline)) int apart(int argc, char **argv, char **envp)
{
    char room[APART];
    __asm__ volatile("" : : "r"(room) : "memory");
    return program(argc, argv, envp);
}

/* main itself: libc calls its exit directly when it returns. */
static int from_main(int argc, char **argv, char **envp)
{
    int status = apart(argc, argv, envp);
    sf_jump_ended(sf_lane_self(), (uintptr_t)__builtin_frame_address(0) - APART);
    return status;
}

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void), void (*fini)(void),
                      void (*rtld_fini)(void), void *stack);
SF_API int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
                             void (*fini)(void), void (*rtld_fini)(void), void *stack)
{
    program = main;
    return REAL(__libc_start_main)(from_main, argc, argv, init, fini, rtld_fini, stack);
}

SF_API void _exit(int status)
{
    struct sf_lane *lane = sf_lane_self();
    sf_point_last(lane);
    if (lane)
        sf_event_exit(status);
    sf_process_ends();
    REAL(_exit)(status);
    __builtin_unreachable();
}
SF_API void _Exit(int status) __attribute__((alias("_exit")));
