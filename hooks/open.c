/* context: thread, handler
 *
 * Opening (a FIFO or a terminal sleeps in it), and the calls with an argument that depends on the request.
 */
#include "hooks/hook.h"

static int needs_mode(int flags)
{
    return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
}

/* The argument behind `flags`, the last one with a name. */
#define MODE(flags)                      \
    ({                                   \
        mode_t mode_ = 0;                \
        if (needs_mode(flags)) {         \
            va_list ap_;                 \
            va_start(ap_, flags);        \
            mode_ = va_arg(ap_, mode_t); \
            va_end(ap_);                 \
        }                                \
        mode_;                           \
    })

static int open_at(int at, const char *path, int flags, mode_t mode)
{
    return sf_edge_int(SF_POINT(SF_RESTARTS | SF_CANCELS, NULL, SYS_openat, at, path, flags, mode, 0, 0));
}

SF_API int open(const char *path, int flags, ...)
{
    mode_t mode = MODE(flags);
    return sf_hook_point() ? open_at(AT_FDCWD, path, flags, mode) : REAL(open)(path, flags, mode);
}
int __open(const char *path, int flags, ...);
int __open64(const char *path, int flags, ...);
SF_API int __open(const char *path, int flags, ...) __attribute__((alias("open")));
SF_API int __open64(const char *path, int flags, ...) __attribute__((alias("open")));
SF_API int open64(const char *path, int flags, ...) __attribute__((alias("open")));

SF_API int openat(int at, const char *path, int flags, ...)
{
    mode_t mode = MODE(flags);
    return sf_hook_point() ? open_at(at, path, flags, mode) : REAL(openat)(at, path, flags, mode);
}
SF_API int openat64(int at, const char *path, int flags, ...) __attribute__((alias("openat")));

SF_API int creat(const char *path, mode_t mode)
{
    return open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}
SF_API int creat64(const char *path, mode_t mode) __attribute__((alias("creat")));

int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int at, const char *path, int flags);
int __openat64_2(int at, const char *path, int flags);

SF_API int __open_2(const char *path, int flags)
{
    return needs_mode(flags) ? REAL(__open_2)(path, flags) : open(path, flags);
}
SF_API int __open64_2(const char *path, int flags) __attribute__((alias("__open_2")));

SF_API int __openat_2(int at, const char *path, int flags)
{
    return needs_mode(flags) ? REAL(__openat_2)(at, path, flags) : openat(at, path, flags);
}
SF_API int __openat64_2(int at, const char *path, int flags) __attribute__((alias("__openat_2")));

/* A descriptor's signals aimed at one thread: no signalfd sees those, they must come by the direct door. */
static void note_aim(int fd, int op, void *arg)
{
    struct f_owner_ex owner;
    int signo;
    if (op == F_SETOWN_EX)
        owner = *(struct f_owner_ex *)arg;
    else if (REAL(fcntl)(fd, F_GETOWN_EX, &owner) != 0)
        return;
    if (owner.type != F_OWNER_TID)
        return;
    signo = REAL(fcntl)(fd, F_GETSIG);
    sf_route_aimed(signo > 0 ? signo : SIGIO);
    sf_route_aimed(SIGIO);
}

SF_API int fcntl(int fd, int op, ...)
{
    va_list ap;
    void *arg;
    int r;
    va_start(ap, op);
    arg = va_arg(ap, void *);
    va_end(ap);
    if ((op == F_SETLKW || op == F_OFD_SETLKW) && sf_hook_point())
        return sf_edge_int(SF_POINT(SF_RESTARTS | SF_CANCELS, NULL, SYS_fcntl, fd, op, arg, 0, 0, 0));
    r = REAL(fcntl)(fd, op, arg);
    if (r == 0 && (op == F_SETOWN_EX || op == F_SETSIG)) {
        int saved = errno;
        note_aim(fd, op, arg);
        errno = saved;
    }
    return r;
}
SF_API int fcntl64(int fd, int op, ...) __attribute__((alias("fcntl")));
int __fcntl(int fd, int op, ...);
SF_API int __fcntl(int fd, int op, ...) __attribute__((alias("fcntl")));

SF_API int lockf(int fd, int op, off_t len)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_len = len};
    if (op != F_LOCK || !sf_hook_point())
        return REAL(lockf)(fd, op, len);
    return fcntl(fd, F_SETLKW, &lock);
}
SF_API int lockf64(int fd, int op, off64_t len) __attribute__((alias("lockf")));

/* Terminal requests may wait for output to drain, or be answered by SIGTTOU: the kernel must see the real mask. */
SF_API int ioctl(int fd, unsigned long op, ...)
{
    va_list ap;
    void *arg;
    va_start(ap, op);
    arg = va_arg(ap, void *);
    va_end(ap);
    if ((op >> 8 & 0xff) != 'T' || !sf_hook_point())
        return REAL(ioctl)(fd, op, arg);
    return sf_edge_int(SF_POINT(SF_RESTARTS, NULL, SYS_ioctl, fd, op, arg, 0, 0, 0));
}
