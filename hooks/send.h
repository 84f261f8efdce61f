/* context: thread
 * Sends by system call number (hooks/process.c) end where the named ones do. */
#ifndef SF_HOOKS_SEND_H
#define SF_HOOKS_SEND_H

#include "engine/engine.h"

void sf_send_arrived(struct sf_lane *lane, int signo);
long sf_send_queued(struct sf_lane *lane, int pid, int tid, int signo, siginfo_t *info);

#endif
