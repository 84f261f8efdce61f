/* context: thread, handler
 * The mask that a call brings along for its duration (ppoll, pselect, epoll_pwait, sigsuspend). */
#ifndef SF_HOOKS_TEMPORARY_H
#define SF_HOOKS_TEMPORARY_H

#include "engine/engine.h"

/* pselect6 has it behind one pointer more. */
struct sf_mask_pair {
    const sf_set *set;
    size_t size;
};

struct sf_temporary {
    sf_set ours, kernel; /* as we note it, and as the kernel is to have it */
    struct sf_mask_pair pair;
};

/* Fill *t from `set`, the program's, of which the first 64 bits count. What sf_point takes as `temp`: NULL when `set` is. */
static inline const sf_set *sf_temporary(const struct sf_lane *lane, struct sf_temporary *t, const void *set)
{
    t->pair.set = NULL;
    t->pair.size = sizeof(sf_set);
    if (!set)
        return NULL;
    memcpy(&t->ours, set, sizeof t->ours);
    t->ours = sf_mask_clean(t->ours);
    t->kernel = sf_mask_kernel(lane, t->ours);
    t->pair.set = &t->kernel;
    return &t->ours;
}

#endif
