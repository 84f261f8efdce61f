/* context: thread, handler
 *
 * Sleeping. The kernel writes the rest of the time where it read the time: a call that was interrupted for nothing
 * goes on with that.
 */
#include "hooks/hook.h"

static long doze(clockid_t clock, int flags, const struct timespec *time, struct timespec *rest)
{
    struct timespec t = *time;
    /* An absolute time needs no rest; the kernel leaves it alone. */
    long r = SF_POINT(SF_CANCELS, NULL, SYS_clock_nanosleep, clock, flags, &t, flags & TIMER_ABSTIME ? NULL : &t, 0, 0);
    if (r == -EINTR && rest && !(flags & TIMER_ABSTIME)) {
        if (!sys_pairwritable(rest))
            return -EFAULT;
        *rest = t;
    }
    return r;
}

/* The same with the program's own pointer. */
static long doze_given(clockid_t clock, int flags, const struct timespec *time, struct timespec *rest)
{
    if (!sys_pairreadable(time)) /* the kernel says what it thinks of it, and of the clock before */
        return SF_SYS(SYS_clock_nanosleep, clock, flags, time, rest, 0, 0);
    return doze(clock, flags, time, rest);
}

SF_API int nanosleep(const struct timespec *time, struct timespec *rest)
{
    return sf_hook_point() ? sf_edge_int(doze_given(CLOCK_REALTIME, 0, time, rest)) : REAL(nanosleep)(time, rest);
}
int __nanosleep(const struct timespec *time, struct timespec *rest);
SF_API int __nanosleep(const struct timespec *time, struct timespec *rest) __attribute__((alias("nanosleep")));

SF_API int clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *rest)
{
    if (!sf_hook_point() || clock == CLOCK_THREAD_CPUTIME_ID)
        return REAL(clock_nanosleep)(clock, flags, time, rest);
    return (int)-doze_given(clock, flags, time, rest);
}

/* Seconds that were left; errno only on failure, as libc's. */
SF_API unsigned sleep(unsigned seconds)
{
    struct timespec t = {(time_t)seconds, 0};
    if (!sf_hook_point())
        return REAL(sleep)(seconds);
    if (doze(CLOCK_REALTIME, 0, &t, &t) == -EINTR) {
        errno = EINTR;
        return (unsigned)t.tv_sec;
    }
    return 0;
}

SF_API int usleep(useconds_t useconds)
{
    struct timespec t = {(time_t)(useconds / 1000000), (long)(useconds % 1000000) * 1000};
    return sf_hook_point() ? sf_edge_int(doze(CLOCK_REALTIME, 0, &t, NULL)) : REAL(usleep)(useconds);
}

SF_API int thrd_sleep(const struct timespec *time, struct timespec *rest)
{
    long r;
    if (!sf_hook_point())
        return REAL(thrd_sleep)(time, rest);
    r = doze_given(CLOCK_REALTIME, 0, time, rest);
    return r == 0 ? 0 : r == -EINTR ? -1 : -2;
}
