/* context: thread
 * Of the program's own sends: is this one dropped, because one of its number pends at the same place? (engine/merge.c) */
#ifndef SF_ENGINE_MERGE_H
#define SF_ENGINE_MERGE_H

#include "engine/engine.h"

/* Before the calling thread sends `signo` through the kernel, to its process (`process`) or to itself. 0: that it will merge
 * is not known; else what sf_merge_after wants. */
uint64_t sf_merge_look(const struct sf_lane *lane, int signo, int process);
static inline uint64_t sf_merge_before(const struct sf_lane *lane, int signo, int process)
{
    /* What it does not block cannot pend for it. Real-time signals queue. */
    if (__builtin_expect(!sf_tracing(), 1) || signo < 1 || signo > 31 || !SF_HAS(lane->vmask, signo))
        return 0;
    return sf_merge_look(lane, signo, process);
}

/* After it was sent, as *info. */
void sf_merge_after(const struct sf_lane *lane, int signo, const siginfo_t *info, uint64_t before);

#endif
