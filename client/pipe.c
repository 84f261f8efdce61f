/* context: thread (read and fd also handler)
 *
 * The functions of sigferry.h. The descriptor is an epoll that watches a signalfd (for what the kernel keeps queued)
 * and an event descriptor (for what a handler of ours has taken: queue.c). The signalfd is never read: rt_sigtimedwait
 * takes a signal out with the whole of its siginfo_t.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/lock.h"
#include "client/client.h"
#include "include/sigferry.h"

#define API __attribute__((visibility("default")))

static int fail(int err)
{
    errno = err;
    return -1;
}

/* 0, or -1 with errno for -errno. */
static int leave(int err)
{
    sf_client_leave();
    return err ? fail(-err) : 0;
}

/* ---- the descriptors ---- */

static int add(int epoll, int fd)
{
    struct epoll_event ev = {.events = EPOLLIN};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev) == 0 ? 0 : -errno;
}

/* Makes all three; 0 or -errno. The descriptor is returned in *fd. */
static int make(int *fd)
{
    sigset_t set;
    int bell, err;
    sf_set_put(&set, sf_client.queued);
    bell = sf_client_queue_begin();
    if (bell < 0)
        return bell;
    sf_client.sigfd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    *fd = sf_client.sigfd < 0 ? -1 : epoll_create1(EPOLL_CLOEXEC);
    err = sf_client.sigfd < 0 || *fd < 0 ? -errno : 0;
    if (!err && fcntl(*fd, F_SETFL, O_NONBLOCK) != 0)
        err = -errno;
    if (!err)
        err = add(*fd, bell);
    if (!err)
        err = add(*fd, sf_client.sigfd);
    if (!err)
        return 0;
    if (*fd >= 0)
        close(*fd);
    if (sf_client.sigfd >= 0)
        close(sf_client.sigfd);
    sf_client_queue_end();
    return err;
}

/* In a forked child: the epoll watches the parent's signals and the parent's bell, and shares its file with the
 * parent's. New ones take their places, so the descriptor keeps its number; nothing is pending in a child. */
static void child(void)
{
    struct epoll_event ev = {.events = EPOLLIN};
    int fd, old = sf_client.fd, saved = errno;
    sf_client.lock = 0;
    sf_client.pid = sys_getpid();
    sf_client.fd = -1;
    /* Unless the program has closed it before it forked: then the numbers may be in use for something else. */
    if (epoll_ctl(old, EPOLL_CTL_MOD, sf_client.sigfd, &ev) == 0) {
        close(sf_client.sigfd);
        sf_client_queue_forget();
        if (make(&fd) == 0) {
            dup3(fd, old, O_CLOEXEC);
            close(fd);
            sf_client.fd = old;
        } else {
            close(old);
        }
    }
    errno = saved;
}

static __thread sigset_t forking;

/* What arrives in the child before its queue is its own waits until then. */
static void before_fork(void)
{
    sigset_t set;
    if (!sf_client_inside)
        sf_lock(&sf_client.lock);
    sf_set_put(&set, sf_client.trapped);
    pthread_sigmask(SIG_BLOCK, &set, &forking);
}

static void after_fork(void)
{
    pthread_sigmask(SIG_SETMASK, &forking, NULL);
    if (!sf_client_inside)
        sf_unlock(&sf_client.lock);
}

static void after_fork_child(void)
{
    sf_client.lock = 0;
    if (sf_client.fd >= 0)
        child();
    pthread_sigmask(SIG_SETMASK, &forking, NULL);
}

/* ---- the functions of sigferry.h ---- */

__attribute__((constructor)) static void begin(void)
{
    *(void **)(void *)&sf_client_observe = dlsym(RTLD_DEFAULT, "sigferry_observe");
}

/* A child that came without libc's knowledge (clone, _Fork) finds out here. */
static int ready(void)
{
    if (sf_client.fd >= 0 && sf_client.pid != sys_getpid())
        child();
    return sf_client.fd >= 0;
}

API int sigferry_pipe_init(int flags)
{
    static int registered;
    int fd, err;
    if (flags & ~SIGFERRY_PIPE_UNMASKED)
        return fail(EINVAL);
    sf_client_enter();
    if (ready())
        return leave(-EBUSY);
    if (!registered && pthread_atfork(before_fork, after_fork, after_fork_child) != 0)
        return leave(-ENOMEM);
    registered = 1;
    sf_client.flags = flags;
    sf_client.pid = sys_getpid();
    sf_client.trapped = sf_client.queued = 0;
    err = make(&fd);
    if (err)
        return leave(err);
    sf_client.fd = fd;
    leave(0);
    return fd;
}

API int sigferry_pipe_fd(void)
{
    return ready() ? sf_client.fd : fail(EBADF);
}

API int sigferry_pipe_trap(int signo)
{
    if (signo < 1 || signo >= SF_CLIENT_NSIG)
        return fail(EINVAL);
    sf_client_enter();
    return leave(ready() ? sf_client_trap(signo) : -EBADF);
}

API int sigferry_pipe_untrap(int signo)
{
    if (signo < 1 || signo >= SF_CLIENT_NSIG)
        return fail(EINVAL);
    sf_client_enter();
    if (!ready())
        return leave(-EBADF);
    sf_client_untrap(signo);
    return leave(0);
}

API int sigferry_pipe_trapset(const sigset_t *set)
{
    int err = 0;
    if (!set)
        return fail(EFAULT);
    sf_client_enter();
    if (!ready())
        return leave(-EBADF);
    for (int s = 1; s < SF_CLIENT_NSIG; s++) {
        int r = 0;
        if (SF_HAS(sf_set_get(set), s))
            r = sf_client_trap(s);
        else
            sf_client_untrap(s);
        if (r && r != -EINVAL && !err)
            err = r;
    }
    return leave(err);
}

API int sigferry_pipe_read_info(siginfo_t *info)
{
    siginfo_t own;
    sf_set queued;
    long r;
    if (!ready())
        return fail(EBADF);
    if (!info)
        info = &own;
    r = sf_client_pop(info);
    if (r < 0)
        return fail((int)-r);
    queued = sf_client.queued;
    while (!r && queued && (r = sys_sigtake(&queued, info)) == -EINTR)
        r = 0;
    if (r > 0 && info->si_code < 0)
        memset((char *)info + SF_AIM_AT, 0, sizeof(int));
    return r > 0 ? (int)r : 0;
}

API int sigferry_pipe_read(void)
{
    return sigferry_pipe_read_info(NULL);
}

API int sigferry_pipe_finish(void)
{
    int fd;
    sf_client_enter();
    if (!ready())
        return leave(-EBADF);
    for (int s = 1; s < SF_CLIENT_NSIG; s++)
        sf_client_untrap(s);
    fd = sf_client.fd;
    sf_client.fd = -1;
    close(fd);
    close(sf_client.sigfd);
    sf_client_queue_end();
    return leave(0);
}

API int sigferry_ferried(void)
{
    return sf_client_observe != NULL;
}
