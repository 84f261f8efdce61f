/* context: any
 * Part of format.h: who sends, as the kernel tells it. */
#ifndef SF_TRACE_SENDER_H
#define SF_TRACE_SENDER_H

#include <signal.h>
#include <stdint.h>

/* Classes of senders, by si_code and si_pid. */
enum sf_sender {
    SF_FROM_KERNEL,  /* the terminal, a fault, SIGPIPE, ... */
    SF_FROM_TIMER,
    SF_FROM_CHILD,   /* SIGCHLD by the kernel */
    SF_FROM_SELF,    /* this process */
    SF_FROM_USER,    /* another process */
    SF_FROM_OUTSIDE, /* a process outside this pid namespace: si_pid is 0 */
    SF_FROM_OTHER,   /* descriptors, message queues, asynchronous input and output */
    SF_FROM_END
};

/* `from`: si_pid, `self`: the process that gets it. */
static inline enum sf_sender sf_sender_class(int signo, int code, int32_t from, int32_t self)
{
    switch (code) {
    case SI_USER:
    case SI_TKILL:
    case SI_QUEUE:
        return from == 0 ? SF_FROM_OUTSIDE : from == self ? SF_FROM_SELF : SF_FROM_USER;
    case SI_TIMER:
        return SF_FROM_TIMER;
    case SI_MESGQ:
    case SI_ASYNCIO:
    case SI_SIGIO:
        return SF_FROM_OTHER;
    }
    if (signo == SIGCHLD && code > 0)
        return SF_FROM_CHILD;
    if (signo == SIGALRM || signo == SIGVTALRM || signo == SIGPROF)
        return SF_FROM_TIMER; /* setitimer and alarm: SI_KERNEL */
    return SF_FROM_KERNEL;
}

#endif
