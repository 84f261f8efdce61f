/* One blocking call, cut by a signal without and with SA_RESTART. A child sends the signal once the caller
 * sleeps and, with SA_RESTART, makes the awaited event happen once the handler has run, so that a call that the
 * kernel restarts comes to its own end. Prints the same line wherever the semantics are native. */
#ifndef CORNER_EINTR_H
#define CORNER_EINTR_H

#include "common.h"

struct blocking_call {
    const char *name;
    long (*call)(void);     /* its result; errno as the call left it */
    void (*complete)(void); /* in the child: end the call */
    void (*before)(void);   /* in the parent, before the child is made */
};

static volatile int *eintr_handled; /* shared with the child */

static void eintr_handler(int sig) { ++*eintr_handled; }

static void eintr_one(const struct blocking_call *c, int flags)
{
    pid_t me = getpid(), tid = gettid_(), pid;
    long r;
    int e;
    *eintr_handled = 0;
    if (c->before)
        c->before();
    on(SIGUSR1, eintr_handler, flags);
    pid = child();
    if (pid == 0) {
        if (!asleep(me, tid) || kill(me, SIGUSR1) || !AWAIT(*eintr_handled))
            _exit(1);
        if (c->complete && (flags & SA_RESTART))
            c->complete();
        _exit(0);
    }
    errno = 0;
    r = c->call();
    e = errno;
    out("%s %s: %ld %s handled %d\n", c->name, flags & SA_RESTART ? "restart" : "plain", r,
        r < 0 ? strerrorname_np(e) : "-", *eintr_handled);
    CHECK(reap(pid) == 0);
}

static void eintr_table(const struct blocking_call *calls, unsigned n)
{
    eintr_handled = shared(4096);
    for (unsigned i = 0; i < n; i++) {
        eintr_one(&calls[i], 0);
        eintr_one(&calls[i], SA_RESTART);
    }
}
#define EINTR_TABLE(calls) eintr_table(calls, sizeof(calls) / sizeof((calls)[0]))

#endif
