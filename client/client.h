/* context: any
 *
 * Inside of the client library: pipe.c (the functions of sigferry.h), trap.c (masks and handlers), queue.c (what was
 * taken by a handler and waits to be read), senders.c (what a thread of this process aims at another).
 */
#ifndef SF_CLIENT_CLIENT_H
#define SF_CLIENT_CLIENT_H

#include <signal.h>
#include <stdint.h>

#include "base/sigset.h"
#include "engine/observe.h"

/* ---- queue.c: any context, signal handlers included ---- */

/* Makes the event descriptor that is readable while the queue holds anything. Returns it, or -errno. */
int sf_client_queue_begin(void);
/* In a forked child, before it begins anew: nothing is pending there, and another thread may have held the lock. */
void sf_client_queue_forget(void);
/* Throws away what is left, and the memory. */
void sf_client_queue_end(void);
/* Appends a copy of *info. Never fails visibly: what there was no memory for is counted. */
void sf_client_push(int signo, const siginfo_t *info);
/* Takes out the oldest: its number; 0 when empty; -EOVERFLOW, once, when something could not be kept. */
int sf_client_pop(siginfo_t *info);
/* Takes out the oldest of one signal: 1, or 0 when there is none. */
int sf_client_pop_one(int signo, siginfo_t *info);

/* ---- trap.c ---- */

#define SF_CLIENT_NSIG 65

struct sf_client {
    volatile uint32_t lock; /* everything below but what read() looks at */
    volatile int fd;        /* -1: there is none */
    int sigfd;
    int flags;
    volatile int pid; /* that made it, or made it anew after fork */
    volatile sf_set trapped;
    volatile sf_set queued; /* of these: wait in the kernel's queue, blocked */
    struct sigaction was[SF_CLIENT_NSIG];
};
extern struct sf_client sf_client;
extern __thread int sf_client_inside; /* this thread holds the lock, or is about to */
/* libsigferry.so's sigferry_observe; NULL: it is not here. */
extern int (*sf_client_observe)(int, const struct sigferry_observer *);

/* Take and release the lock. Thread context. */
void sf_client_enter(void);
void sf_client_leave(void);
/* As sigferry_pipe_trap and _untrap, with the lock held: 0 or -errno. Thread context. */
int sf_client_trap(int signo);
void sf_client_untrap(int signo);
/* Is `signo` trapped in such a way that a thread may have it blocked only because of us? Then what is aimed at a
 * thread would never be seen by whoever reads. Any context. */
int sf_client_takes(int signo);

#endif
