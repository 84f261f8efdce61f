/* context: thread, handler
 *
 * Jumps out of handlers: siglongjmp, setcontext. The virtual mask travels beside the kernel's, in words of the
 * jump buffer's 1024-bit set that the kernel does not use.
 */
#include "engine/check.h"
#include "engine/event.h"
#include "engine/jump.h"
#include "libc/libc.h"

#define MAGIC 0x7972726566676973u /* "sigferry" */
enum { WORD_MASK, WORD_MAGIC, WORD_INSIDE };

struct sf_jump {
    volatile uint32_t armed;
    sigjmp_buf own;    /* back to the runner's loop */
    sigjmp_buf *target; /* where the handler wants to go */
    int value;
    struct sf_lane *lane;
};
static struct sf_jump moved;

/* sigsetjmp is being called: leave our words in the buffer, if it has them. */
void sf_jump_save(sigjmp_buf env, int savemask)
{
    struct sf_lane *lane = sf_lane_self();
    uint64_t *word;
    if (!savemask || !lane)
        return; /* without a mask the buffer may be one of libc's short ones */
    word = sf_libc_jump_words(env);
    word[WORD_MASK] = lane->vmask;
    word[WORD_MAGIC] = MAGIC;
    word[WORD_INSIDE] = lane->guard.inside;
}

/* Forget the handlers whose frames the jump to stack pointer `sp` leaves behind. */
void sf_jump_unwind(struct sf_lane *lane, uintptr_t sp)
{
    struct sf_frame *f = lane->frame;
    int left = 0, exec = 0;
    uint32_t stepped = 0;
    while (f) {
        if (f->alt_high && sp >= f->alt_low && sp < f->alt_high)
            break; /* stays on the alternate stack, inside this handler */
        if (!f->alt_high && sp < (uintptr_t)f)
            break; /* stays above it on the same stack */
        sf_event_jumped(lane, f);
        exec |= f == lane->leave_frame;
        stepped += f->stepped;
        f = f->prev;
        left = 1;
    }
    lane->frame = f;
    if (!left)
        return;
    lane->point = SF_POINT_NONE;
    lane->granting = lane->temp_on = lane->busy = 0;
    sf_guard_mark(lane, 0);
    lane->grant = lane->takes = 0;
    SF_STORE(&lane->eff, lane->vmask);
    /* Out of an exec that was about to begin, too? */
    if (lane->leaving && (exec || (f == lane->leave_frame && sp > lane->leave_sp)))
        sf_leave_failed(lane);
    sf_step_in_after_crash(lane, stepped);
}

/* siglongjmp and longjmp are being called: masks and handlers as they will be. On the runner the jump belongs to
 * another thread, and this does not return. */
void sf_jump_prepare(sigjmp_buf env, int value)
{
    struct sf_lane *lane = sf_lane_self();
    uint64_t *word;

    if (!lane)
        return;
    if (lane->is_runner && moved.armed) {
        moved.target = (sigjmp_buf *)env;
        moved.value = value;
        sf_libc.siglongjmp(moved.own, 1);
    }
    if (sf_checking())
        sf_check_jump(lane, sf_libc_jump_sp(env), sf_libc_jump_saved(env));
    sf_jump_unwind(lane, sf_libc_jump_sp(env));
    if (!sf_libc_jump_saved(env))
        return;
    word = sf_libc_jump_words(env);
    if (word[WORD_MAGIC] != MAGIC)
        return;
    sf_guard_mark(lane, (uint32_t)word[WORD_INSIDE]);
    sf_mask_set(lane, word[WORD_MASK]);
    /* libc's own jump is about to give the kernel the mask it had at sigsetjmp; signals may have been routed
     * since. */
    word[-1] = lane->kmask;
}

/* Runner: run a handler so that a jump out of it comes back here. 0 at first; 1 when it jumped: then the jump has
 * been passed on to `target`, which is held in its point. */
int sf_jump_passed(struct sf_lane *self, struct sf_lane *target)
{
    moved.armed = 0;
    moved.lane = target;
    self->frame = NULL;
    target->jump = &moved;
    sf_relay_send(target, 0);
    return 1;
}

sigjmp_buf *sf_jump_arm(void)
{
    moved.armed = 1;
    return &moved.own;
}

void sf_jump_disarm(void)
{
    moved.armed = 0;
}

/* Target thread, in the relay's handler: perform the jump that its handler asked for on the runner. */
void sf_jump_arrive(struct sf_lane *lane)
{
    struct sf_jump *j = lane->jump;
    lane->jump = NULL;
    lane->point = SF_POINT_NONE;
    lane->busy = lane->granting = lane->temp_on = 0;
    lane->kmask = 0; /* in a relay's frame everything is blocked: have it set anew */
    sf_mask_heal(lane);
    sf_jump_prepare(*j->target, j->value);
    sf_libc.siglongjmp(*j->target, j->value);
}

/* ---- contexts ---- */

/* getcontext: the mask that the program believes in. */
void sf_context_mask(ucontext_t *uc)
{
    struct sf_lane *lane = sf_lane_self();
    sf_set mask = 0;
    uint64_t *word;
    if (lane)
        mask = lane->vmask;
    else
        sys_sigprocmask(SIG_SETMASK, NULL, &mask);
    sf_set_put(&uc->uc_sigmask, mask);
    if (!lane)
        return;
    /* Coroutines swap out of handlers and back into others: what runs belongs to the context. */
    word = (uint64_t *)(void *)&uc->uc_sigmask + 1;
    word[WORD_MASK] = (uintptr_t)lane->frame;
    word[WORD_MAGIC] = MAGIC;
    word[WORD_INSIDE] = (uint64_t)lane->granting << 32 | lane->guard.inside;
}

/* A context made anew: nothing runs there yet. */
void sf_context_fresh(ucontext_t *uc)
{
    uint64_t *word = (uint64_t *)(void *)&uc->uc_sigmask + 1;
    word[WORD_MASK] = word[WORD_INSIDE] = 0;
    word[WORD_MAGIC] = MAGIC;
}

/* setcontext: take over the mask of the context that is about to be resumed. */
void sf_context_set(const ucontext_t *uc)
{
    struct sf_lane *lane = sf_lane_self();
    const uint64_t *word = (const uint64_t *)(const void *)&uc->uc_sigmask + 1;
    sf_set mask;
    memcpy(&mask, &uc->uc_sigmask, sizeof mask);
    if (!lane) {
        sys_sigprocmask(SIG_SETMASK, &mask, NULL);
        return;
    }
    lane->point = SF_POINT_NONE;
    lane->granting = lane->temp_on = 0;
    lane->takes = 0;
    sf_mask_set(lane, sf_mask_clean(mask)); /* handlers run here, still in the old context */
    if (word[WORD_MAGIC] == MAGIC) {
        lane->frame = (struct sf_frame *)(uintptr_t)word[WORD_MASK];
        sf_guard_mark(lane, (uint32_t)word[WORD_INSIDE]);
        lane->granting = (uint32_t)(word[WORD_INSIDE] >> 32);
    }
}
