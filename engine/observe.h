/* context: any
 * The seam between libsigferry.so and libsigferry-client, which finds sigferry_observe by name at run time. Both
 * are built from this header; a field that is added goes to the end, and `size` tells which are there. */
#ifndef SF_ENGINE_OBSERVE_H
#define SF_ENGINE_OBSERVE_H

#include <signal.h>
#include <stddef.h>

struct sigferry_observer {
    size_t size;
    /* A handler is about to be called for `signo`. Handler or runner context; keeps errno. */
    void (*arrived)(int signo, const siginfo_t *info);
    /* sigaction (or a relative) has succeeded. Thread context, no lock held. */
    void (*changed)(int signo);
    /* A thread of this process is about to aim `signo` at one thread, itself included. 1: the observer has taken
     * it, and it is not sent. Thread or handler context. */
    int (*aimed)(int signo, const siginfo_t *info);
};

/* Observe `signo` from now on; NULL: no more. 0, -EINVAL, or -EBUSY: somebody else does. Thread context. */
int sigferry_observe(int signo, const struct sigferry_observer *observer);

#endif
