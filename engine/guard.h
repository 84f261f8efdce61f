/* context: handler
 *
 * What the guard library and the engine share about one thread. libsigferry.so owns the object (it is the
 * first member of the thread's lane); libsigferry-guard.so reaches it through the one exported TLS pointer.
 *
 * Only the thread itself writes `depth` and `input`; `work` is set by anybody and cleared by the thread.
 */
#ifndef SF_ENGINE_GUARD_H
#define SF_ENGINE_GUARD_H

#include <stdint.h>

/* Bits of `work`: what waits for the thread, and from which boundary on it may be replayed. */
#define SF_WORK_POINT 1u /* at the next interruption point */
#define SF_WORK_SAFE 2u  /* already when the outermost guarded function is left */

struct sf_guard {
    volatile uint32_t depth; /* nested guarded functions this thread is inside of */
    volatile uint32_t input; /* the outermost one may block in a read of its own (stdio input): 1, else 0 */
    volatile uint32_t work;  /* SF_WORK_* */
    volatile uint32_t family; /* family of the outermost guarded function (enum in hooks/unsafe.def order), 0 none */
};

/* Never NULL: threads that have no lane share one idle object (counts in it race, and nobody reads them). */
extern __thread struct sf_guard *sigferry_guard __attribute__((tls_model("initial-exec")));

/* The outermost guarded function has been left and `work` holds SF_WORK_SAFE: replay what waits.
 * Thread context; keeps errno. May call handlers of the program, which may jump away. */
void sigferry_guard_leave(void);

#endif
