/* context: handler
 *
 * What the guard library and the engine share about one thread. libsigferry.so owns the object (it is the
 * first member of the thread's lane); libsigferry-guard.so reaches it through the one exported TLS pointer.
 *
 * Only the thread itself writes `inside`, `flags` and `sp`; `work` is set by anybody and cleared by the thread.
 */
#ifndef SF_ENGINE_GUARD_H
#define SF_ENGINE_GUARD_H

#include <stdint.h>

/* Bits of `work`: what waits for the thread, and from which boundary on it may be replayed. */
#define SF_WORK_POINT 1u /* at the next interruption point */
#define SF_WORK_SAFE 2u  /* already when the outermost guarded function is left */

/* Bits of `flags`. */
#define SF_GUARD_INPUT 1u /* the function that the thread is inside of may sleep in a call of its own */
#define SF_GUARD_WATCH 2u /* tell the engine of each guarded call (sigferry_guard_watch): a handler runs */
#define SF_GUARD_TOLD 4u  /* the call that is about to be made has been told of, under its variadic name */

struct sf_guard {
    volatile uint32_t inside; /* the outermost guarded function, by its number in hooks/unsafe.def; 0 none */
    volatile uint32_t flags;  /* SF_GUARD_* */
    volatile uint32_t work;   /* SF_WORK_* */
    uint32_t unused;
};

/* One entry of hooks/unsafe.def. */
struct sf_guarded {
    char name[36];
    uint16_t family; /* from 1, in the order of hooks/unsafe.def */
    uint8_t shared;  /* its functions share a lock or data */
    uint8_t seen;    /* told of, but never marked as inside */
};

/* Never NULL: threads that have no lane share one idle object (marks in it race, and nobody reads them). */
extern __thread struct sf_guard *sigferry_guard __attribute__((tls_model("initial-exec")));

/* The outermost guarded function has been left and `work` holds SF_WORK_SAFE: replay what waits.
 * Thread context; keeps errno. May call handlers of the program, which may jump away. */
void sigferry_guard_leave(void);

/* SF_GUARD_WATCH is set, and a guarded function is about to be called: number `n` of the table, with this first
 * argument, to return to `caller`. From outside, or from inside another one: see `inside`. Thread or handler
 * context; keeps errno. */
void sigferry_guard_watch(uint32_t n, uintptr_t argument, uintptr_t caller);

/* The real function has returned, and the mark still stands. As above. */
void sigferry_guard_watched(uint32_t n);

/* The guard library's own: what the numbers mean, so many entries, the first of which is nobody's. Asked for when the first
 * number is to be named: a process in which that does not happen touches none of it. Any context. */
const struct sf_guarded *sigferry_guard_names(uint32_t *entries);

#endif
