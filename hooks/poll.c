/* context: thread, handler
 *
 * Waits for descriptors. All are made with a timeout of our own that the kernel counts down, so that a call that
 * was interrupted for nothing goes on with the rest of its time.
 */
#include "hooks/hook.h"
#include "hooks/temporary.h"

SF_API int ppoll(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *set)
{
    struct sf_lane *lane = sf_hook_point();
    struct timespec t;
    struct sf_temporary m;
    const sf_set *temp;
    if (!lane)
        return REAL(ppoll)(fds, n, timeout, set);
    if (timeout)
        t = *timeout;
    temp = sf_temporary(lane, &m, set);
    return sf_edge_int(SF_POINT(SF_CANCELS, temp, SYS_ppoll, fds, n, timeout ? &t : NULL, temp ? &m.kernel : NULL, 8, 0));
}

SF_API int poll(struct pollfd *fds, nfds_t n, int timeout)
{
    struct timespec t = {timeout / 1000, timeout % 1000 * 1000000L};
    if (!sf_hook_point())
        return REAL(poll)(fds, n, timeout);
    return sf_edge_int(SF_POINT(SF_CANCELS, NULL, SYS_ppoll, fds, n, timeout >= 0 ? &t : NULL, NULL, 8, 0));
}
int __poll(struct pollfd *fds, nfds_t n, int timeout);
SF_API int __poll(struct pollfd *fds, nfds_t n, int timeout) __attribute__((alias("poll")));

int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size);
int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *set, size_t size);

SF_API int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t size)
{
    return size / sizeof *fds < n ? REAL(__poll_chk)(fds, n, timeout, size) : poll(fds, n, timeout);
}

SF_API int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *set, size_t size)
{
    return size / sizeof *fds < n ? REAL(__ppoll_chk)(fds, n, timeout, set, size) : ppoll(fds, n, timeout, set);
}

SF_API int pselect(int n, fd_set *in, fd_set *out, fd_set *except, const struct timespec *timeout, const sigset_t *set)
{
    struct sf_lane *lane = sf_hook_point();
    struct timespec t;
    struct sf_temporary m;
    const sf_set *temp;
    if (!lane)
        return REAL(pselect)(n, in, out, except, timeout, set);
    if (timeout)
        t = *timeout;
    temp = sf_temporary(lane, &m, set);
    return sf_edge_int(SF_POINT(SF_CANCELS, temp, SYS_pselect6, n, in, out, except, timeout ? &t : NULL, &m.pair));
}

/* Linux tells in *timeout how much was left; so does this. */
SF_API int select(int n, fd_set *in, fd_set *out, fd_set *except, struct timeval *timeout)
{
    struct timespec t;
    long r;
    if (!sf_hook_point())
        return REAL(select)(n, in, out, except, timeout);
    if (timeout) {
        if (timeout->tv_sec < 0 || timeout->tv_usec < 0)
            return sf_edge_int(-EINVAL);
        t.tv_sec = timeout->tv_sec + timeout->tv_usec / 1000000;
        t.tv_nsec = timeout->tv_usec % 1000000 * 1000;
    }
    r = SF_POINT(SF_CANCELS, NULL, SYS_pselect6, n, in, out, except, timeout ? &t : NULL, NULL);
    if (timeout) {
        timeout->tv_sec = t.tv_sec;
        timeout->tv_usec = t.tv_nsec / 1000;
    }
    return sf_edge_int(r);
}
int __select(int n, fd_set *in, fd_set *out, fd_set *except, struct timeval *timeout);
SF_API int __select(int n, fd_set *in, fd_set *out, fd_set *except, struct timeval *timeout) __attribute__((alias("select")));

/* All three; `timeout` is in milliseconds or a struct timespec, as `nr` wants it. */
static int epoll(long nr, int fd, struct epoll_event *events, int n, long timeout, const sigset_t *set, struct sf_lane *lane)
{
    struct sf_temporary m;
    const sf_set *temp = sf_temporary(lane, &m, set);
    return sf_edge_int(SF_POINT(SF_CANCELS, temp, nr, fd, events, n, timeout, temp ? &m.kernel : NULL, 8));
}

SF_API int epoll_wait(int fd, struct epoll_event *events, int n, int timeout)
{
    struct sf_lane *lane = sf_hook_point();
    return lane ? epoll(SYS_epoll_pwait, fd, events, n, timeout, NULL, lane) : REAL(epoll_wait)(fd, events, n, timeout);
}

SF_API int epoll_pwait(int fd, struct epoll_event *events, int n, int timeout, const sigset_t *set)
{
    struct sf_lane *lane = sf_hook_point();
    return lane ? epoll(SYS_epoll_pwait, fd, events, n, timeout, set, lane)
                : REAL(epoll_pwait)(fd, events, n, timeout, set);
}

SF_API int epoll_pwait2(int fd, struct epoll_event *events, int n, const struct timespec *timeout, const sigset_t *set)
{
    struct sf_lane *lane = sf_hook_point();
    return lane ? epoll(SYS_epoll_pwait2, fd, events, n, (long)timeout, set, lane)
                : REAL(epoll_pwait2)(fd, events, n, timeout, set);
}
