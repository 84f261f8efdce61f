/* context: handler
 * The writer's side of the record (trace/ring.c). */
#ifndef SF_TRACE_RING_H
#define SF_TRACE_RING_H

#include <signal.h>

#include "trace/format.h"

/* One more of it. */
void sf_count(enum sf_counter which);

/* One record: `tid` of the thread concerned (0 none), `at` an enum sf_counter (or the mode), `wait_ns` as in
 * format.h. `info` may be NULL. Never waits. */
void sf_record(enum sf_event event, int tid, int signo, const siginfo_t *info, uint64_t handler, int at, uint64_t wait_ns);

#endif
