/* context: thread, handler
 *
 * Where a trapped signal waits. It is blocked in the thread that trapped it, so the kernel keeps it queued: a signalfd
 * makes the descriptor readable, and sigferry_pipe_read takes it out. In threads that do not block it, a handler of
 * ours puts it into a queue of our own (queue.c).
 *
 * Under libsigferry.so a signal for which the program has a handler is not blocked, and its handler stays: the
 * engine calls the observer below before it calls the handler.
 */
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/signalfd.h>

#include "base/lock.h"
#include "client/client.h"
#include "include/sigferry.h"

struct sf_client sf_client = {.fd = -1};
__thread int sf_client_inside;
int (*sf_client_observe)(int, const struct sigferry_observer *);

/* Blocked in this thread by a trap, and not before. */
static __thread sf_set ours;

void sf_client_enter(void)
{
    sf_client_inside = 1; /* first: a handler that comes in between must not wait for us */
    sf_lock(&sf_client.lock);
}

void sf_client_leave(void)
{
    sf_unlock(&sf_client.lock);
    sf_client_inside = 0;
}

/* ---- signals that a handler takes ---- */

/* (In a child that came by vfork or clone the memory may be the parent's.) */
static void arrived(int signo, const siginfo_t *info)
{
    if (SF_HAS(sf_client.trapped, signo) && sf_client.pid == sys_getpid())
        sf_client_push(signo, info);
}

/* Natively: a thread that does not block it got it. Under libsigferry.so the observer has been told already. */
static void caught(int signo, siginfo_t *info, void *context)
{
    (void)context;
    if (!sf_client_observe)
        arrived(signo, info);
}

int sf_client_takes(int signo)
{
    return signo > 0 && signo < SF_CLIENT_NSIG && SF_HAS(sf_client.queued, signo) && !SF_HAS(SF_SET_FAULTS, signo) &&
           !(sf_client.flags & SIGFERRY_PIPE_UNMASKED) && sf_client.pid == sys_getpid();
}

static int aimed(int signo, const siginfo_t *info)
{
    if (!sf_client_takes(signo))
        return 0;
    sf_client_push(signo, info);
    return 1;
}

static void watch_queued(sf_set queued)
{
    sigset_t set;
    sf_client.queued = queued;
    sf_set_put(&set, queued);
    signalfd(sf_client.sigfd, &set, 0); /* cannot fail: it is ours */
}

/* ---- masks: of the calling thread ---- */

static int blocks(int signo)
{
    sigset_t now;
    pthread_sigmask(SIG_BLOCK, NULL, &now);
    return SF_HAS(sf_set_get(&now), signo) != 0;
}

static void change_mask(int how, int signo)
{
    sigset_t one;
    sf_set_put(&one, SF_BIT(signo));
    pthread_sigmask(how, &one, NULL);
}

static void block(int signo)
{
    if (blocks(signo))
        return;
    change_mask(SIG_BLOCK, signo);
    ours |= SF_BIT(signo);
}

static void unblock(int signo)
{
    if (!SF_HAS(ours, signo))
        return;
    ours &= ~SF_BIT(signo);
    change_mask(SIG_UNBLOCK, signo);
}

/* Has the program a handler of its own, which is to go on running? Only under libsigferry.so can both be had. */
static int has_handler(int signo)
{
    struct sigaction now;
    return sf_client_observe && sigaction(signo, NULL, &now) == 0 && now.sa_handler != SIG_DFL && now.sa_handler != SIG_IGN &&
           now.sa_sigaction != caught;
}

/* Where is trapped signal `signo` to wait? In the kernel where it is blocked (by now), else with its handler. */
static void place(int signo)
{
    int handled = has_handler(signo);
    if (handled)
        unblock(signo);
    else if (!(sf_client.flags & SIGFERRY_PIPE_UNMASKED))
        block(signo);
    if (!handled && blocks(signo))
        watch_queued(sf_client.queued | SF_BIT(signo));
    else
        watch_queued(sf_client.queued & ~SF_BIT(signo));
}

/* The program has called sigaction for a trapped signal: its handler comes, or goes. */
static void changed(int signo)
{
    if (sf_client_inside) /* our own call */
        return;
    sf_client_enter();
    if (sf_client.fd >= 0 && SF_HAS(sf_client.trapped, signo))
        place(signo);
    sf_client_leave();
}

static const struct sigferry_observer observer = {sizeof observer, arrived, changed, aimed};

/* ---- trapping ---- */

int sf_client_trap(int signo)
{
    struct sigaction act;
    int err;
    if (SF_HAS(sf_client.trapped, signo)) { /* maybe not yet blocked in this thread */
        place(signo);
        return 0;
    }
    if (sigaction(signo, NULL, &sf_client.was[signo]) != 0)
        return -errno;
    if (sf_client_observe && (err = sf_client_observe(signo, &observer)) != 0)
        return err;
    memset(&act, 0, sizeof act);
    act.sa_sigaction = caught;
    act.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
    sigfillset(&act.sa_mask);
    /* First so, then with the handler: what comes in between is to find the bit. */
    __atomic_fetch_or(&sf_client.trapped, SF_BIT(signo), __ATOMIC_SEQ_CST);
    /* A handler even though it is blocked here: other threads may not block it; and the kernel drops at once what
     * is ignored (as SIGCHLD and SIGWINCH are by default) unless the main thread blocks it. Not for faults, which
     * would come again when it returns. */
    if (!SF_HAS(SF_SET_FAULTS, signo) && !has_handler(signo) && sigaction(signo, &act, NULL) != 0) {
        err = -errno;
        __atomic_fetch_and(&sf_client.trapped, ~SF_BIT(signo), __ATOMIC_SEQ_CST);
        if (sf_client_observe)
            sf_client_observe(signo, NULL);
        return err;
    }
    place(signo);
    return 0;
}

void sf_client_untrap(int signo)
{
    struct sigaction now;
    siginfo_t info;
    if (!SF_HAS(sf_client.trapped, signo))
        return;
    watch_queued(sf_client.queued & ~SF_BIT(signo));
    __atomic_fetch_and(&sf_client.trapped, ~SF_BIT(signo), __ATOMIC_SEQ_CST);
    if (sigaction(signo, NULL, &now) == 0 && now.sa_sigaction == caught)
        sigaction(signo, &sf_client.was[signo], NULL);
    if (sf_client_observe)
        sf_client_observe(signo, NULL);
    /* What was taken and not read goes back, unless its handler has run already. The kernel lets a process say
     * anything to itself. */
    while (sf_client_pop_one(signo, &info))
        if (!(sf_client_observe && now.sa_sigaction != caught))
            SF_SYS(SYS_rt_sigqueueinfo, sf_client.pid, signo, &info, 0, 0, 0);
    unblock(signo);
}
