/* context: handler
 *
 * The record of one program thread, and of one held signal.
 */
#ifndef SF_ENGINE_LANE_H
#define SF_ENGINE_LANE_H

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sigset.h"
#include "engine/frame.h"
#include "engine/guard.h"
#include "engine/offsets.h"

enum { SF_POINT_NONE, SF_POINT_WINDOW, SF_POINT_SOFT };
enum { SF_LANE_FREE, SF_LANE_TAKEN, SF_LANE_LIVE };

#define SF_LEAVES_SOON 1u /* the listener keeps off; what waits is handled first */
#define SF_LEAVES 2u      /* the masks are those of the next program; what comes runs at once */

#define SF_INTERRUPT_SOFT 1u /* with SA_RESTART */
#define SF_INTERRUPT_HARD 2u

#define SF_ELSEWHERE_HARD ((uint64_t)1 << 32)

/* What a handler was seen to do, for the set_wakeup_fd pattern. */
#define SF_SAW_WAKEUP 1u
#define SF_SAW_OTHER 2u

/* The processor time (ns) that thread `tid` had had when we first saw what waits for it since `since`; when it was first seen asleep
 * in a call, and for how long it had waited for a processor by then. */
struct sf_chance {
    uint64_t since, used;
    uint64_t seen, waited;
    int tid;
};

struct sf_lane {
    struct sf_guard guard; /* first: the guard library's pointer leads here */
    uint32_t busy;         /* the engine's own state is half changed: hold whatever comes */
    uint32_t vfork;        /* a vfork child lives here */
    uint32_t strict;       /* under a seccomp filter that refuses them: no system call of ours */
    volatile int tid;      /* 0: no thread has it */

    /* Written by the owner alone (its own signal handlers included). */
    sf_set vmask;     /* virtual mask: what the program believes */
    sf_set kmask;     /* what the kernel was last given outside of a window */
    sf_set temp;      /* mask of a ppoll, sigsuspend ... under way, with temp_on */
    sf_set known;     /* seen pending in the kernel and virtually blocked */
    sf_set grant;     /* let in on purpose: replay on arrival, if at ... */
    uintptr_t grant_pc, grant_sp;
    uint32_t entered;  /* frames of the stub so far */
    uint32_t sure;     /* of `grant`, one is queued for this very thread: its frame comes, and looks again */
    uint32_t one_ran;  /* a handler, since the last relay */
    uint32_t cut;      /* a relay without SA_RESTART came to the call that is under way, which has not been taken up again */
    uint32_t granting; /* ... or while this is set (opened from within the engine) */
    volatile uint32_t recheck; /* something came meanwhile: the frame that is at work looks once more */
    uint32_t temp_on;
    uint32_t spawning;         /* libc copies our mask */
    volatile uint32_t leaving; /* exec: SF_LEAVES_... */
    uintptr_t leave_sp;        /* ... called from here, */
    struct sf_frame *leave_frame; /* ... in this handler */
    uint32_t wrecked; /* handlers at work that describe a crash (sf_step_out_of_crash) */
    uint32_t impatient;                /* patience let a handler run outside a point: 1, without SA_RESTART 2 */
    uint64_t impatient_at;
    uint32_t ran, ran_hard;            /* handlers run since the point was entered; those without SA_RESTART */
    struct sf_frame *frame;
    uint32_t saw;
    int saw_fd;
    uint64_t saw_lock; /* inode of a pipe that the handler has read from */
    uint64_t granted_since; /* arrival of what `grant` lets in */
    sf_set again;           /* these have arrived before: they come out of a slot, through the kernel */
    sf_set bare;            /* copies that went without a place in the kernel's queue */
    uint32_t borrowed;      /* ... or none was needed, for others of its number pend */
    uintptr_t caller;       /* for the trace: the program's call that is under way; ... */
    uint64_t arrived;       /* ... when a signal last arrived in a frame here; 0: a handler has begun since */

    /* Read or written by others. */
    volatile sf_set eff;      /* mask that counts now for others: temp during a ppoll, else vmask */
    volatile sf_set held;     /* has slots for these */
    volatile sf_set look;     /* pending in the kernel, to be let in by this thread */
    volatile sf_set safe_ok;  /* of these, a safe point will do */
    volatile sf_set force_ok; /* of these, anywhere */
    volatile sf_set hurry;    /* a second instance came: patience is shorter */
    volatile sf_set aimed;    /* pend in the kernel, blocked perhaps: the program's own threads have aimed them here */
    volatile sf_set takes;    /* a sigtimedwait is about to take these, should they come */
    volatile uint32_t unsure; /* something may pend in the kernel that `known` does not show */
    volatile uint32_t point;
    volatile uint32_t cancel; /* pthread_cancel asks: look */
    volatile uint32_t runner_holds; /* the runner works for this lane: do not leave the point */
    volatile uint32_t state;
    struct sf_chance chance;       /* the listener's: of what is in `look` */
    volatile uint64_t look_since; /* when `look` became non-empty */
    uint64_t told, used_by_then; /* the listener's: when it last told the thread of SF_WORK_SAFE, and what processor time that had had */
    volatile uint32_t looked[2]; /* relays handled, of either kind; goes on counting from one thread to the next */
    volatile uint32_t asked[2];  /* one more than `looked` was when the last relay had been sent */
    volatile pthread_t thread;
    uint32_t is_runner;
    uint16_t taken_for; /* the runner's: `target` and `waits` of the slot that it took last */
    uint8_t taken_waits;
    /* Counts the handlers that the runner has run for this thread and, times SF_ELSEWHERE_HARD, those without SA_RESTART. */
    volatile uint64_t elsewhere;
    uint64_t seen;               /* ... when its call began */
    volatile uint32_t interrupt; /* the runner ran a handler, SF_INTERRUPT_...: the call returns EINTR all the same */
    struct sf_jump *jump; /* a siglongjmp moved here from the runner */
    /* For the diagnosis: the last handler, and a wait that it may have come too early for. */
    int last_signo;
    uintptr_t last_handler;
    struct sf_finding *late;
    struct sf_shot shot;
    long late_call[4];

    void *(*start)(void *);
    void *arg;
    sf_set start_mask;
};

_Static_assert(offsetof(struct sf_lane, busy) == SF_LANE_BUSY && offsetof(struct sf_lane, vfork) == SF_LANE_VFORK &&
                   offsetof(struct sf_lane, strict) == SF_LANE_STRICT && offsetof(struct sf_lane, tid) == SF_LANE_TID,
               "engine/offsets.h");

enum { SF_SLOT_FREE, SF_SLOT_FILLING, SF_SLOT_READY, SF_SLOT_CLAIMED }; /* (claimed: its thread looks at it, or empties it) */

struct sf_slot {
    volatile uint32_t state;
    uint16_t signo;
    volatile uint16_t lane;
    uint16_t target; /* in the runner's lane: the thread it works for */
    uint8_t waits;   /* ... which waits for it in its point */
    volatile uint32_t offered; /* the kernel has a copy of it queued for the lane's thread: see sf_slot_offer */
    volatile uint64_t order;
    uint64_t since;
    siginfo_t info;
};

#endif
