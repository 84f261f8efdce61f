/* context: listener (sf_rest), thread (sf_rest_left)
 * The listener's rest, while every thread is parked. */
#ifndef SF_ENGINE_REST_H
#define SF_ENGINE_REST_H

#include "engine/engine.h"

/* A listener has begun. */
void sf_rest_start(void);
/* Is every thread of the program parked, with its gate open and nothing waiting, and can the next one to leave call? Listener. */
int sf_rest_may(void);
/* How long it must have been so (ns) before it pays to rest; 0: not at all. Listener. */
uint64_t sf_rest_after(void);
/* Rest until somebody calls. Listener; a look must follow. */
void sf_rest(void);
/* It has waited at its bell, and not rested: direct signals went past it meanwhile? `direct`: their count before. */
void sf_rest_disturbed(uint64_t direct);

/* Threads may no longer set a timer (a seccomp filter): no more rest in this process. Thread context. */
void sf_rest_never(void);

void sf_rest_end(struct sf_lane *lane);
/* The calling thread, `lane` is its own, has left its point, or is new. After `point` was cleared. */
static inline void sf_rest_left(struct sf_lane *lane)
{
    if (__builtin_expect(SF_LOAD(&sf_process.deep), 0))
        sf_rest_end(lane);
}

#endif
