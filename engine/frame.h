/* context: handler
 *
 * What one handler of the program interrupts, and what is to be known when it ends.
 */
#ifndef SF_ENGINE_FRAME_H
#define SF_ENGINE_FRAME_H

#include <signal.h>
#include <stdint.h>
#include <ucontext.h>

#include "base/sigset.h"

/* A signal that we have sent: at this call, of this number, of a guarded function. */
struct sf_shot {
    uint32_t function, count;
    uint32_t at; /* SF_PROVOKE_*; AFTER: with the nanoseconds << 2 */
};

/* One handler of the program that runs on this thread now; lives on the stack of the frame that calls it. */
struct sf_frame {
    struct sf_frame *prev;
    int signo;
    const siginfo_t *info;     /* its handler's; NULL: not called yet */
    uintptr_t sp;              /* of the code that it interrupted */
    uintptr_t alt_low, alt_high; /* the alternate stack that it runs on, or 0 */
    uint32_t point, inside, flags, granting, ran, ran_hard, temp_on;
    uint64_t seen;
    uint32_t saw;
    uint64_t saw_lock;
    sf_set takes;              /* of the lane, until then */
    sf_set grant;              /* let in, and not come yet: the frame below was on its way out */
    uintptr_t grant_pc, grant_sp;
    uint64_t begin, since;     /* for the trace: when it was called, when it arrived, which handler, errno then, how deep, where */
    uintptr_t handler;
    int error;
    uint16_t level;
    uint16_t at;
    /* For the diagnosis (engine/check.h). */
    const ucontext_t *uc;       /* what it interrupts; NULL: called in place */
    struct sf_arrival *arrival; /* where the signal found the thread, if it had to wait */
    uintptr_t watched;          /* the handler; 0: nobody looks */
    uint32_t action;            /* flags */
    int found;                  /* errno as the handler found it */
    sf_set before, mask;        /* the mask outside of it, and as it found it */
    uint32_t legal, reaped, drained;
    uint32_t stepped; /* the listener is away while its handler runs (sf_step_out_of_crash) */
    struct sf_shot shot;        /* that provoked it; function 0: none */
};

#endif
