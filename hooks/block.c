/* context: thread, handler (a handler of the program may call any of these)
 *
 * Calls that sleep. Those that are one system call come straight from the table.
 */
#include "engine/taken.h"
#include "hooks/hook.h"

#define BLOCK(family, ret, name, params, args, flags, nr, ...)                  \
    SF_API ret name params                                                      \
    {                                                                           \
        struct sf_lane *lane = sf_hook_point();                                 \
        return lane ? (ret)sf_edge(SF_POINT(flags, NULL, nr, __VA_ARGS__)) : REAL(name) args; \
    }
#define EVENTFD(family, ret, name, params, args, flags, nr, ...)                \
    SF_API ret name params                                                      \
    {                                                                           \
        struct sf_lane *lane = sf_hook_point();                                 \
        long r;                                                                 \
        if (!lane)                                                              \
            return REAL(name) args;                                             \
        r = sf_edge(SF_POINT(flags, NULL, nr, __VA_ARGS__));                    \
        return r == 8 ? 0 : -1;                                                 \
    }
#include "hooks/hooks.def"

/* Writes, the one thing that a set_wakeup_fd-style handler does. */
static struct sf_lane *writing(int fd)
{
    struct sf_lane *lane = sf_point_lane();
    if (lane && __builtin_expect(lane->frame != NULL, 0))
        sf_wakeup_saw(fd);
    return lane;
}

/* A handler that takes a byte out of a pipe may be on its way to such a write: see sf_wakeup_lock. */
SF_API ssize_t read(int fd, void *buf, size_t n)
{
    struct sf_lane *lane = sf_point_lane();
    ssize_t r;
    if (lane && __builtin_expect(lane->frame != NULL, 0) && !sf_wakeup_lock(lane, fd))
        sf_wakeup_other();
    r = lane ? sf_edge(SF_POINT(SF_RESTARTS | SF_CANCELS, NULL, SYS_read, fd, buf, n, 0, 0, 0)) : REAL(read)(fd, buf, n);
    sf_taken_read(fd, buf, r);
    return r;
}

SF_API ssize_t write(int fd, const void *buf, size_t n)
{
    if (!writing(fd))
        return REAL(write)(fd, buf, n);
    return sf_edge(SF_POINT(SF_RESTARTS | SF_CANCELS, NULL, SYS_write, fd, buf, n, 0, 0, 0));
}

SF_API ssize_t writev(int fd, const struct iovec *v, int n)
{
    if (!writing(fd))
        return REAL(writev)(fd, v, n);
    return sf_edge(SF_POINT(SF_RESTARTS | SF_CANCELS, NULL, SYS_writev, fd, v, n, 0, 0, 0));
}

SF_API ssize_t send(int fd, const void *buf, size_t n, int flags)
{
    if (!writing(fd))
        return REAL(send)(fd, buf, n, flags);
    return sf_edge(SF_POINT(SF_RESTARTS | SF_CANCELS, NULL, SYS_sendto, fd, buf, n, flags, 0, 0));
}

SF_API int eventfd_write(int fd, eventfd_t value)
{
    if (!writing(fd))
        return REAL(eventfd_write)(fd, value);
    return sf_edge(SF_POINT(SF_RESTARTS | SF_CANCELS, NULL, SYS_write, fd, &value, 8, 0, 0, 0)) == 8 ? 0 : -1;
}

/* The fortified forms check the size and are the plain ones; libc's own reports an overflow. */
ssize_t __read_chk(int fd, void *buf, size_t n, size_t size);
ssize_t __pread_chk(int fd, void *buf, size_t n, off_t at, size_t size);
ssize_t __recv_chk(int fd, void *buf, size_t n, size_t size, int flags);
ssize_t __recvfrom_chk(int fd, void *buf, size_t n, size_t size, int flags, struct sockaddr *addr, socklen_t *len);

SF_API ssize_t __read_chk(int fd, void *buf, size_t n, size_t size)
{
    return n > size ? REAL(__read_chk)(fd, buf, n, size) : read(fd, buf, n);
}

SF_API ssize_t __pread_chk(int fd, void *buf, size_t n, off_t at, size_t size)
{
    return n > size ? REAL(__pread_chk)(fd, buf, n, at, size) : pread(fd, buf, n, at);
}

SF_API ssize_t __recv_chk(int fd, void *buf, size_t n, size_t size, int flags)
{
    return n > size ? REAL(__recv_chk)(fd, buf, n, size, flags) : recv(fd, buf, n, flags);
}

SF_API ssize_t __recvfrom_chk(int fd, void *buf, size_t n, size_t size, int flags, struct sockaddr *addr, socklen_t *len)
{
    return n > size ? REAL(__recvfrom_chk)(fd, buf, n, size, flags, addr, len) : recvfrom(fd, buf, n, flags, addr, len);
}

/* The other names of the functions above. */
#define ALIAS_block(name, target)       \
    extern __typeof__(target) name;     \
    SF_API extern __typeof__(target) name __attribute__((alias(#target)));
#define ALIAS_disposition(name, target)
#define ALIAS_wait(name, target)
#define ALIAS_poll(name, target)
#define ALIAS_sleep(name, target)
#define ALIAS_open(name, target)
#define ALIAS_soft(name, target)
#define ALIAS_send(name, target)
#define ALIAS_jump(name, target)
#define ALIAS_process(name, target)
#define ALIAS(family, name, target) ALIAS_##family(name, target)
#include "hooks/hooks.def"
