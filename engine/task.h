/* context: listener
 * What /proc tells about one thread of ours. Nothing where /proc is missing. */
#ifndef SF_ENGINE_TASK_H
#define SF_ENGINE_TASK_H

#include "base/sigset.h"

/* Asleep in a read of stdio input (`input`: it is inside a guarded function that may), or, where a safe point will do
 * (`safe`), on a lock or waiting for a name server. */
int sf_task_sleeps(int tid, int input, int safe);

/* On a processor, or waiting for one. */
int sf_task_runnable(int tid);

/* What pends for this thread alone. */
sf_set sf_task_pending(int tid);

#endif
