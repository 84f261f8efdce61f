/* context: handler, thread
 *
 * The diagnosis: what the engine tells, where in the path of a signal it tells it. Each costs one load while nobody
 * checks. None waits, allocates or changes errno.
 */
#ifndef SF_ENGINE_CHECK_H
#define SF_ENGINE_CHECK_H

#include "engine/event.h"

/* base/findings.def by number */
enum sf_finding_kind {
    SF_FIND_NONE,
#define SF_FINDING(id, name, level, what, why, remedy) SF_FIND_##id,
#include "base/findings.def"
#undef SF_FINDING
    SF_FIND_END
};

static inline int sf_checking(void)
{
    return __builtin_expect(sf_process.config.check != SF_CHECK_OFF, 0);
}

/* Where a signal found the thread, when its handler could not run at once. */
struct sf_arrival {
    volatile uint32_t state; /* 0 free, 1 being filled, 2 in use */
    uint32_t inside;         /* guarded function */
    uint32_t asleep;         /* ... in a call of its own, where its state is whole */
    uint32_t in_handler;     /* another handler ran */
    struct sf_lane *lane;
    int signo;
    uint64_t order;
    struct sf_shot shot;
    struct sf_stack stack;
};

/* relay.c: the stub keeps `signo`, which has come here. */
void sf_check_hold(struct sf_lane *lane, int signo, const ucontext_t *uc, int ours);

/* replay.c: around the handler's call; `frame` is the uppermost. */
/* `before`: the virtual mask outside of the handler; the lane has the handler's already. */
void sf_check_begin(struct sf_lane *lane, struct sf_frame *frame, const ucontext_t *uc, const struct sf_action *act, sf_set before);
void sf_check_end(struct sf_lane *lane, struct sf_frame *frame);

/* jump.c: handlers above `sp` are about to be left by a jump; `masked`: the jump restores a mask. */
void sf_check_jump(struct sf_lane *lane, uintptr_t sp, int masked);

/* point.c: a call begins; a handler that came before the kernel was entered was about to be slept over; a call that a
 * handler made has returned r. */
void sf_check_point(struct sf_lane *lane, long nr, const long a[6]);
void sf_check_late(struct sf_lane *lane, const struct sf_call *call);
void sf_check_called(struct sf_lane *lane, long nr, const long a[6], long r);

/* disposition.c: a handler installs an action. */
void sf_check_action(struct sf_lane *lane, int signo);

/* process.c: another program is about to be started, by this thread or (posix_spawn) beside it; a child begins, of a
 * process that had so many threads. The process ends. */
void sf_check_exec(struct sf_lane *lane, sf_set mask, sf_set defaults);
void sf_check_child(struct sf_lane *lane, int threads);
void sf_check_exit(void);

/* What the process was given when it began; it is a fork. */
void sf_inspect_begin(sf_set blocked);
void sf_inspect_child(void);

/* provoke.c: the program calls guarded function `n`, or (`leaving`) is about to leave it; a handler begins; the process
 * begins, or is a fork. */
static inline int sf_provoking(void)
{
    return sf_process.config.provoke.on != 0;
}
void sf_provoke_call(struct sf_lane *lane, uint32_t n, int leaving);
void sf_provoke_ran(int signo);
void sf_provoke_begin(void);
void sf_provoke_child(void);

/* hooks/send.c: before the signal is sent to a process. */
void sf_check_send(struct sf_lane *lane, int pid, int signo);

/* ---- finding.c ---- */

/* A key with what the handler of `frame` (NULL none) is and did where. `called` may be NULL. */
void sf_find_key(struct sf_finding_head *key, enum sf_finding_kind kind, const struct sf_frame *frame);
void sf_find_merge(struct sf_finding_head *key);
void sf_find_called(struct sf_finding_head *key, const char *name, uint32_t family, uintptr_t caller);
/* Make it: with the stack of where the thread is now (`here`), and of where the signal found it. */
void sf_find(struct sf_lane *lane, struct sf_finding_head *key, const struct sf_frame *frame, int here);
void sf_find_stack(struct sf_stack *to, const ucontext_t *uc);
uint32_t sf_registers(uint64_t *reg); /* window.S: those of the caller that calls preserve */
struct sf_finding *sf_finding_like(const struct sf_finding_head *key);
uint32_t sf_frame_inside(const struct sf_frame *frame, enum sf_verdict *verdict);

#endif
