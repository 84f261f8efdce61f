/* context: thread, handler
 * Calls by number (hooks/number.c) end where the named ones do. */
#ifndef SF_HOOKS_NUMBER_H
#define SF_HOOKS_NUMBER_H

#include "engine/engine.h"

/* send.c: `signo` was sent to this process, perhaps to the caller. */
void sf_send_arrived(struct sf_lane *lane, int signo);
/* send.c: rt_tgsigqueueinfo; -1 with errno. */
long sf_send_queued(struct sf_lane *lane, int pid, int tid, int signo, siginfo_t *info);
/* wait.c: rt_sigtimedwait as a point, flags as for sf_point. The signal's number or -errno. */
long sf_wait_take(struct sf_lane *lane, unsigned flags, sf_set set, siginfo_t *info, const struct timespec *timeout);
/* timer.c: what timer_getoverrun says in a handler of that timer; -1: ask the kernel. */
int sf_timer_overrun(const struct sf_lane *lane, intptr_t timer);
/* process.c: the process is about to end with this status, and nothing else is done before. */
void sf_process_exits(int status);

#endif
