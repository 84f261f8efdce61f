/* context: thread
 *
 * A handler has run after the program's call began, but before the kernel was entered. Natively such a signal makes
 * a call fail with EINTR only if it sleeps; one that finds its data there, or was told not to wait, just returns.
 * So ask, without sleeping, what this one would do.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "engine/engine.h"

static long again(const struct sf_call *c, const long a[6])
{
    return SF_SYS(c->nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* The call in a form that does not wait gave `r`: over, unless it says that it would have waited. */
static int over(struct sf_call *c, long r, long would_wait)
{
    if (r == would_wait)
        return SF_LATE_EINTR;
    c->result = r;
    return SF_LATE_DONE;
}

/* A call on a descriptor: is that ready? */
static int descriptor(long fd, short events, long dontwait)
{
    struct pollfd p = {(int)fd, events, 0};
    static const struct timespec zero;
    struct timespec t = zero;
    long flags, r;

    if (dontwait)
        return SF_LATE_GO;
    do /* it ends with EINTR, and no answer, when a relay has come just now */
        r = SF_SYS(SYS_ppoll, &p, 1, &t, NULL, 8, 0);
    while (r == -EINTR);
    if (r != 0)
        return SF_LATE_GO; /* ready, or wrong: the call will say */
    flags = SF_SYS(SYS_fcntl, fd, F_GETFL, 0, 0, 0, 0);
    return flags >= 0 && (flags & O_NONBLOCK) ? SF_LATE_GO : SF_LATE_EINTR;
}

static int children(struct sf_call *c, long a[6])
{
    siginfo_t info;
    long r;
    if (c->nr == SYS_wait4) {
        if (a[2] & WNOHANG)
            return SF_LATE_GO;
        a[2] |= WNOHANG;
        return over(c, again(c, a), 0);
    }
    if (a[3] & WNOHANG)
        return SF_LATE_GO;
    memset(&info, 0, sizeof info);
    a[2] = (long)&info;
    a[3] |= WNOHANG;
    r = again(c, a);
    if (r == 0 && info.si_pid == 0)
        return SF_LATE_EINTR;
    if (r == 0 && c->a[2])
        *(siginfo_t *)c->a[2] = info;
    return over(c, r, 1);
}

#define SELECT_BYTES 1024 /* of each set: 8,192 descriptors */

/* select clears its sets when it finds nothing; an interrupted one leaves them alone. */
static int selecting(struct sf_call *c, long a[6])
{
    unsigned char copy[3][SELECT_BYTES];
    struct timespec zero = {0, 0};
    size_t n = ((size_t)a[0] + 63) / 64 * 8;
    long r;
    if (a[0] < 0 || n > SELECT_BYTES)
        return a[0] < 0 ? SF_LATE_GO : SF_LATE_EINTR;
    for (int i = 0; i < 3; i++)
        if (a[1 + i])
            memcpy(copy[i], (void *)a[1 + i], n);
    a[4] = (long)&zero;
    r = again(c, a);
    if (r == 0)
        for (int i = 0; i < 3; i++)
            if (a[1 + i])
                memcpy((void *)a[1 + i], copy[i], n);
    return over(c, r, 0);
}

static int polling(struct sf_call *c, long a[6])
{
    struct timespec zero = {0, 0};
    if (c->nr == SYS_ppoll) {
        a[2] = (long)&zero;
        return over(c, again(c, a), 0);
    }
    if (c->nr == SYS_epoll_pwait) {
        if (a[3] == 0)
            return SF_LATE_GO;
        a[3] = 0;
        return over(c, again(c, a), 0);
    }
    a[3] = (long)&zero; /* epoll_pwait2 */
    return over(c, again(c, a), 0);
}

/* System V queues and semaphores, and file locks: each has its own word for "do not wait". */
static int queues_and_locks(struct sf_call *c, long a[6])
{
    struct sembuf ops[16];
    switch (c->nr) {
    case SYS_msgrcv:
        if (a[4] & IPC_NOWAIT)
            return SF_LATE_GO;
        a[4] |= IPC_NOWAIT;
        return over(c, again(c, a), -ENOMSG);
    case SYS_msgsnd:
        if (a[3] & IPC_NOWAIT)
            return SF_LATE_GO;
        a[3] |= IPC_NOWAIT;
        return over(c, again(c, a), -EAGAIN);
    case SYS_semtimedop:
        if (a[2] < 1 || a[2] > 16)
            return SF_LATE_GO;
        memcpy(ops, (void *)a[1], (size_t)a[2] * sizeof ops[0]);
        for (long i = 0; i < a[2]; i++) {
            if (ops[i].sem_flg & IPC_NOWAIT)
                return SF_LATE_GO;
            ops[i].sem_flg |= IPC_NOWAIT;
        }
        a[1] = (long)ops;
        return over(c, again(c, a), -EAGAIN);
    case SYS_flock:
        if (a[1] & LOCK_NB)
            return SF_LATE_GO;
        a[1] |= LOCK_NB;
        return over(c, again(c, a), -EWOULDBLOCK);
    default: /* fcntl */
        a[1] = a[1] == F_SETLKW ? F_SETLK : F_OFD_SETLK;
        c->result = again(c, a);
        return c->result == -EAGAIN || c->result == -EACCES ? SF_LATE_EINTR : SF_LATE_DONE;
    }
}

static int opening(const struct sf_call *c)
{
    struct stat st;
    long flags = c->a[2];
    if (flags & (O_NONBLOCK | O_PATH))
        return SF_LATE_GO;
    if (SF_SYS(SYS_newfstatat, c->a[0], c->a[1], &st, 0, 0, 0) != 0 || !S_ISFIFO(st.st_mode))
        return SF_LATE_GO;
    return (flags & O_ACCMODE) == O_RDWR ? SF_LATE_GO : SF_LATE_EINTR;
}

/* SF_LATE_GO: make the call, it will not sleep (or must not be broken off). SF_LATE_EINTR: it would sleep.
 * SF_LATE_DONE: it has been made, c->result. */
int sf_late(struct sf_call *c)
{
    static const struct timespec zero;
    long a[6];
    memcpy(a, c->a, sizeof a);
    switch (c->nr) {
    case SYS_wait4:
    case SYS_waitid:
        return children(c, a);
    case SYS_pselect6:
        return selecting(c, a);
    case SYS_ppoll:
    case SYS_epoll_pwait:
    case SYS_epoll_pwait2:
        return polling(c, a);
    case SYS_read:
    case SYS_readv:
    case SYS_pread64:
    case SYS_preadv:
    case SYS_preadv2:
    case SYS_accept:
    case SYS_mq_timedreceive:
        return descriptor(a[0], POLLIN, 0);
    case SYS_accept4:
        return descriptor(a[0], POLLIN, 0);
    case SYS_recvfrom:
    case SYS_recvmmsg:
        return descriptor(a[0], POLLIN, a[3] & MSG_DONTWAIT);
    case SYS_recvmsg:
        return descriptor(a[0], POLLIN, a[2] & MSG_DONTWAIT);
    case SYS_write:
    case SYS_writev:
    case SYS_pwrite64:
    case SYS_pwritev:
    case SYS_pwritev2:
    case SYS_mq_timedsend:
        return descriptor(a[0], POLLOUT, 0);
    case SYS_sendto:
    case SYS_sendmmsg:
        return descriptor(a[0], POLLOUT, a[3] & MSG_DONTWAIT);
    case SYS_sendmsg:
        return descriptor(a[0], POLLOUT, a[2] & MSG_DONTWAIT);
    case SYS_msgrcv:
    case SYS_msgsnd:
    case SYS_semtimedop:
    case SYS_flock:
    case SYS_fcntl:
        return queues_and_locks(c, a);
    case SYS_openat:
        return opening(c);
    case SYS_rt_sigtimedwait:
        a[2] = (long)&zero;
        return over(c, again(c, a), -EAGAIN);
    case SYS_pause:
    case SYS_rt_sigsuspend:
    case SYS_clock_nanosleep:
        return SF_LATE_EINTR;
    }
    /* connect has begun a connection when it returns EINTR, and the rest hardly ever sleeps: never broken off. */
    return SF_LATE_GO;
}
