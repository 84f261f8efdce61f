/* context: thread, handler
 *
 * What a thread of this process aims at one thread (raise, pthread_kill, pthread_sigqueue, tgkill). A thread that was
 * made while a signal is trapped has inherited the blocked mask, and what is aimed at it would stay in its private
 * queue, where no other thread can see it. So these four, for trapped signals alone, put the signal where
 * sigferry_pipe_read finds it. Under libsigferry.so its hooks come first, and ask sf_client_takes by way of the
 * observer. In a program that is linked statically there is no next function, and system calls take its place. Programs
 * that load the library by dlopen go without.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/sigset.h"
#include "base/syscall.h"
#include "client/client.h"

#define API __attribute__((visibility("default")))

static struct {
    int (*raise)(int);
    int (*pthread_kill)(pthread_t, int);
    int (*pthread_sigqueue)(pthread_t, int, const union sigval);
    int (*tgkill)(pid_t, pid_t, int);
} next;

/* ---- where these are the only ones ---- */

static int as_errno(long r)
{
    if (r >= 0)
        return (int)r;
    errno = (int)-r;
    return -1;
}

static int plain_tgkill(pid_t process, pid_t thread, int signo)
{
    return as_errno(sys_tgkill(process, thread, signo));
}

static int plain_raise(int signo)
{
    return plain_tgkill(sys_getpid(), sys_gettid(), signo);
}

/* The number of a thread of this process, or -errno. Nothing but its clock tells it: the kernel keeps it there, inverted,
 * above three bits. */
static int number_of(pthread_t thread)
{
    clockid_t clock;
    int err = pthread_getcpuclockid(thread, &clock);
    return err ? -err : ~(clock >> 3);
}

static int of_libc(int signo)
{
    return signo == 32 || signo == 33;
}

static int plain_pthread_kill(pthread_t thread, int signo)
{
    int tid = number_of(thread);
    return tid < 0 ? -tid : of_libc(signo) ? EINVAL : (int)-sys_tgkill(sys_getpid(), tid, signo);
}

static void fill(siginfo_t *info, int signo, int code, union sigval value)
{
    memset(info, 0, sizeof *info);
    info->si_signo = signo;
    info->si_code = code;
    info->si_pid = sys_getpid();
    info->si_uid = getuid();
    if (code == SI_QUEUE)
        info->si_value = value;
}

static int plain_pthread_sigqueue(pthread_t thread, int signo, const union sigval value)
{
    int tid = number_of(thread);
    siginfo_t info;
    fill(&info, signo, SI_QUEUE, value);
    return tid < 0 ? -tid : of_libc(signo) ? EINVAL : (int)-sys_tgsigqueue(sys_getpid(), tid, signo, &info);
}

/* ---- at the start ---- */

/* At start, since dlsym takes a lock and these functions are called in handlers. Before any constructor that might
 * call them. */
__attribute__((constructor(101))) static void find(void)
{
    *(void **)(void *)&next.raise = dlsym(RTLD_NEXT, "raise");
    *(void **)(void *)&next.pthread_kill = dlsym(RTLD_NEXT, "pthread_kill");
    *(void **)(void *)&next.pthread_sigqueue = dlsym(RTLD_NEXT, "pthread_sigqueue");
    *(void **)(void *)&next.tgkill = dlsym(RTLD_NEXT, "tgkill");
    if (!next.raise)
        next.raise = plain_raise;
    if (!next.pthread_kill)
        next.pthread_kill = plain_pthread_kill;
    if (!next.pthread_sigqueue)
        next.pthread_sigqueue = plain_pthread_sigqueue;
    if (!next.tgkill)
        next.tgkill = plain_tgkill;
}

static void push(int signo, int code, union sigval value)
{
    siginfo_t info;
    fill(&info, signo, code, value);
    sf_client_push(signo, &info);
}

API int raise(int signo)
{
    if (!sf_client_takes(signo))
        return next.raise(signo);
    push(signo, SI_TKILL, (union sigval){0});
    return 0;
}

API int pthread_kill(pthread_t thread, int signo)
{
    int err;
    if (!sf_client_takes(signo))
        return next.pthread_kill(thread, signo);
    err = next.pthread_kill(thread, 0); /* is it there? */
    if (!err)
        push(signo, SI_TKILL, (union sigval){0});
    return err;
}

API int pthread_sigqueue(pthread_t thread, int signo, const union sigval value)
{
    int err;
    if (!sf_client_takes(signo))
        return next.pthread_sigqueue(thread, signo, value);
    err = next.pthread_kill(thread, 0);
    if (!err)
        push(signo, SI_QUEUE, value);
    return err;
}

API int tgkill(pid_t process, pid_t thread, int signo)
{
    int r;
    if (process != sys_getpid() || !sf_client_takes(signo))
        return next.tgkill(process, thread, signo);
    r = next.tgkill(process, thread, 0);
    if (r == 0)
        push(signo, SI_TKILL, (union sigval){0});
    return r;
}
