/* Who waits for which descriptor in a live process, and which signalfds it has. */
#ifndef SF_CLI_WAITS_H
#define SF_CLI_WAITS_H

#include <cli/proc.h>

enum { SF_SIGNALFDS = 16 };

struct sf_signalfd {
    int fd;
    uint64_t set; /* bit signo-1 */
    pid_t tid;    /* of a thread that waits for it just now: reads, polls, or sleeps in an epoll that watches it; 0 none */
};

struct sf_signalfds {
    int count;
    struct sf_signalfd at[SF_SIGNALFDS]; /* the first so many */
};

/* Never fails: what cannot be looked into is left out. `listener`: the thread whose descriptors are its own, and have
 * other numbers. */
void sf_signalfds_read(const struct sf_proc *p, pid_t listener, struct sf_signalfds *found);

#endif
