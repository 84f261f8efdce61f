/* context: thread, handler (a read), listener (look, bell)
 * Signals that the program takes out of the kernel itself, for the trace: from a signalfd, or by sigwait and its
 * relatives. Nothing of this is on while nothing is recorded. */
#ifndef SF_ENGINE_TAKEN_H
#define SF_ENGINE_TAKEN_H

#include "engine/event.h"

/* The program has made a signalfd for these. Thread context; may start the listener. */
void sf_taken_show(sf_set set);
/* Signals whose arrival the listener is to note, although it leaves them alone. Any context. */
sf_set sf_taken_bell(void);
/* The listener does so: its bell has rung, or may have. */
void sf_taken_look(void);

/* In a forked child: nothing pends there. */
void sf_taken_forget(void);

/* One has been taken: from descriptor `fd`, -1 by sigwait. Keeps errno. */
void sf_taken(int signo, const siginfo_t *info, int fd);
/* `r` bytes have been read from `fd`, which may be a signalfd. Keeps errno. */
void sf_taken_find(int fd, const void *buf, long r);

#define SF_SIGNALFD_RECORD 128 /* bytes of a struct signalfd_siginfo */

/* A read has returned `r`. One load while nothing is recorded. */
static inline void sf_taken_read(int fd, const void *buf, long r)
{
    if (__builtin_expect(sf_tracing(), 0) && r > 0 && r % SF_SIGNALFD_RECORD == 0)
        sf_taken_find(fd, buf, r);
}

#endif
