/* context: listener
 * Signals that another process aims at one thread. */
#ifndef SF_ENGINE_AIMED_H
#define SF_ENGINE_AIMED_H

#include "base/sigset.h"

/* The listener has begun. */
void sf_aimed_start(void);

/* What the bell must also show, so that it rings for every signal sent to any thread; empty when not wanted. */
sf_set sf_aimed_token(void);

/* The process has burnt some processor time: look at a few busy threads. */
void sf_aimed_tick(void);

/* Look at threads, a few at a time, when the bell `rang`. Returns when to be called again (ns), ~0 never. */
uint64_t sf_aimed_look(uint64_t now, int rang);

#endif
