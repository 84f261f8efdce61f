/* context: handler
 *
 * The last step of every frame of ours: what the interrupted code goes on with. Its mask, what may be delivered to it
 * as soon as the frame is left, and whether its system call ends or is taken up again.
 */
#include "engine/event.h"
#include "sf_ucontext.h"

/* Where the interrupted code is, as to the window: the kernel's mask there is the closed one BEFORE it opens and in its
 * TAIL, after it has closed; what comes in the tail is seen to as the call is left. */
enum place { OUTSIDE, BEFORE, OPEN, TAIL };

static enum place place_of(const struct sf_lane *lane, const ucontext_t *uc)
{
    uintptr_t pc = sf_uc_pc(uc);
    if (lane->point != SF_POINT_WINDOW)
        return lane->point ? OPEN : OUTSIDE;
    if (pc >= (uintptr_t)sf_window_begin && pc < (uintptr_t)sf_window_opened)
        return BEFORE;
    if (pc >= (uintptr_t)sf_window_opened && pc < (uintptr_t)sf_window_closed)
        return OPEN;
    return pc >= (uintptr_t)sf_window_eintr && pc < (uintptr_t)sf_window_refused ? OPEN : TAIL;
}

/* A call that was interrupted for nothing (a relay that came late, a signal handed to another thread) goes on
 * as if it had not been: same number, same registers; the kernel left the rest of a timeout where it began. */
void sf_rewind_call(struct sf_lane *lane, ucontext_t *uc)
{
    const struct sf_call *call;
    if (lane->point != SF_POINT_WINDOW || sf_uc_pc(uc) != (uintptr_t)sf_window_after || sf_uc_result(uc) != -EINTR ||
        lane->cancel || (lane->grant & ~lane->eff))
        return;
    call = sf_uc_window_call(uc);
    /* A relay without SA_RESTART, which was late, may have ended it; and a handler that it met or let in has SA_RESTART. */
    if (lane->ran && !(lane->cut && call->restarts && !lane->ran_hard))
        return;
    sf_uc_set_pc(uc, (uintptr_t)sf_window_syscall);
    sf_uc_set_number(uc, call->nr);
    lane->cut = 0;
}

/* The runner ran a handler for the call that this thread is in, or pthread_cancel asks: it ends as if the handler had
 * run here. Counted like one, so that no relay behind this one takes the call up again. */
static void runner_ran(struct sf_lane *lane, ucontext_t *uc)
{
    uint32_t how = lane->interrupt;
    lane->interrupt = 0;
    /* (It may have run for the call before this one, which has ended by itself: the relay came late, and there is none to count.) */
    if (how && lane->point)
        sf_count_elsewhere(lane);
    if (lane->point == SF_POINT_WINDOW && (lane->ran || lane->cancel))
        sf_window_end_early(lane, uc);
}

/* The call that the context is in, after sf_settle: it ends, or goes on. Owner of the lane, handler context. */
void sf_settle_call(struct sf_lane *lane, ucontext_t *uc)
{
    runner_ran(lane, uc);
    sf_rewind_call(lane, uc);
    lane->grant_pc = sf_uc_pc(uc);
}

/* What of the waiting signals may be let in, given the interrupted context. */
static sf_set allowed_now(struct sf_lane *lane, const ucontext_t *uc, sf_set waits)
{
    if (lane->point)
        return waits;
    if (lane->guard.inside == 0)
        return waits & SF_LOAD(&lane->safe_ok);
    /* A read inside stdio input sleeps for as long as the user thinks: Ctrl-C at a prompt is not to wait. Asleep
     * on a lock is whole, too, but the program may hold others: only once patience is over. */
    if ((lane->guard.flags & SF_GUARD_INPUT) && sf_uc_at_syscall(uc, SYS_read))
        return waits;
    if ((lane->guard.flags & SF_GUARD_INPUT) && sf_uc_at_syscall(uc, SYS_futex))
        return waits & SF_LOAD(&lane->safe_ok);
    return waits & SF_LOAD(&lane->force_ok);
}

/* Have the kernel deliver one held signal out of `allowed` as soon as the frame `uc` is left. Returns its bit, or 0. */
static sf_set grant_one(struct sf_lane *lane, sf_set allowed)
{
    uint64_t since = 0;
    siginfo_t info;
    int signo;
    while ((signo = sf_slot_peek(lane, allowed)) != 0 &&
           (sf_runner_wants(signo, lane) || SF_HAS(sf_wakeup_blocking(), signo)) &&
           (signo = sf_slot_take(lane, SF_BIT(signo), &info, &since)) != 0)
        if (sf_runner_hand(lane, signo, &info, since) != 0) {
            sf_slot_put_back(lane, signo, &info, since); /* it asks for more */
            return 0;
        }
    if (signo)
        signo = sf_slot_offer(lane, SF_BIT(signo));
    return signo > 0 ? SF_BIT(signo) : 0;
}

/* Of what was seen pending, and of what an earlier look at the same context has put into the kernel's queue: that
 * which is still there. (The listener or another thread may have taken it. A mask that stays open for nothing would
 * let the next one in at any moment.) */
static sf_set still_there(struct sf_lane *lane, const ucontext_t *uc, sf_set allowed)
{
    sf_set which = SF_LOAD(&lane->look) & allowed;
    SF_AND(&lane->look, ~which); /* before the look at the kernel: who sets it again has queued it before */
    if (lane->grant_pc == sf_uc_pc(uc) && lane->grant_sp == sf_uc_sp(uc))
        which |= lane->grant & ~lane->eff;
    if (which)
        which &= sys_sigpending();
    for (sf_set rest = which; rest; rest &= rest - 1)
        if (sf_runner_wants(sf_set_first(rest), lane)) {
            which &= ~SF_BIT(sf_set_first(rest));
            sf_replay_to_runner(lane, sf_set_first(rest));
        }
    return which;
}

/* What only the mask of a ppoll or sigsuspend lets in comes with the call: it is queued now, and the kernel opens as it
 * goes to sleep. Opened here, outside of the call, its handler would interrupt code that blocks it. */
static sf_set opened_here(const struct sf_lane *lane, const ucontext_t *uc, sf_set in)
{
    int slept = lane->temp_on && sf_uc_pc(uc) == (uintptr_t)sf_window_after && sf_uc_result(uc) == -EINTR;
    return slept ? in : in & ~lane->vmask;
}

/* The mask for the interrupted code, less what is let in. */
static void give_mask(struct sf_lane *lane, ucontext_t *uc, enum place place, sf_set in)
{
    sf_set mask = place == OPEN ? sf_mask_open(lane) : sf_mask_closed(lane);
    mask &= ~in;
    sf_set_put_kernel(&uc->uc_sigmask, mask);
    /* A window that has opened the gate closes it, too, whatever we do here. */
    if (place == OPEN && lane->point == SF_POINT_WINDOW && ((const struct sf_call *)sf_uc_window_call(uc))->gate)
        return;
    lane->kmask = mask;
}

/* Of what waits, that for which the thread is to start the runner: it leaves its window, and makes the call once more.
 * While it computes one of these may run at each relay: it gets on in between, and perhaps to where it can start it. */
static sf_set step_back(struct sf_lane *lane, ucontext_t *uc, enum place place, sf_set waits)
{
    uintptr_t pc = sf_uc_pc(uc);
    sf_set first = waits & sf_runner_first(lane);
    if (!first || place == TAIL || lane->point == SF_POINT_SOFT)
        return 0;
    if (place == OUTSIDE)
        return lane->one_ran ? first : 0;
    if ((pc >= (uintptr_t)sf_window_begin && pc <= (uintptr_t)sf_window_syscall) ||
        (pc == (uintptr_t)sf_window_after && sf_uc_result(uc) == -EINTR && !lane->ran))
        sf_uc_set_pc(uc, (uintptr_t)sf_window_eintr);
    return first;
}

/* Masks for the interrupted code, and what it may now receive. `orig` is the kernel's mask of that code when the frame
 * was built; `ours`: it is a frame of ours, or the engine itself. May be called again for the same context. Owner of
 * the lane, handler context, `busy` set. */
void sf_settle(struct sf_lane *lane, ucontext_t *uc, sf_set orig, int ours)
{
    sf_set waits, allowed, in = 0, mask, seen;
    enum place place;

    lane->sure = 0;
    if (ours) {
        /* Two frames: what waits is let in by the one below, which ends in here as well. The engine's own code has no such end: it
         * must know that the kernel blocks more now, or nobody opens that again once it has been handled. */
        mask = orig | ((SF_LOAD(&lane->held) | SF_LOAD(&lane->look)) & (sf_process.caught | SF_SET_OWN_ACT));
        sf_set_put_kernel(&uc->uc_sigmask, mask);
        if (ours == SF_OURS_BUSY)
            lane->kmask |= mask & ~orig;
        return;
    }
    if (lane->granting) {
        /* Interrupted where the engine itself opens the mask for a signal: it stays open there, and the rest of a
         * queue of real-time signals comes in one after the other. But not for what had to be held (the runner has
         * enough): the whole queue would follow it into the slots. Nor once a runner is to be started for it. */
        mask = sf_mask_closed(lane);
        if (!sf_runner_first(lane)) {
            allowed = SF_LOAD(&lane->held) & SF_LOAD(&lane->safe_ok) & ~lane->eff;
            if (allowed)
                in = grant_one(lane, allowed);
            mask &= ~(~orig & sf_process.closed & ~SF_LOAD(&lane->held)) & ~in;
        }
        sf_set_put_kernel(&uc->uc_sigmask, mask);
        lane->kmask = mask;
        return;
    }
    place = place_of(lane, uc);
    seen = SF_LOAD(&lane->look);
    /* What came while the handler's own mask blocked it; and behind a gate that stays closed the next of its queue. */
    if (place == OUTSIDE || (place != TAIL && (sf_process.nogate & ~lane->eff)))
        sf_mask_look(lane);
    waits = (SF_LOAD(&lane->held) | SF_LOAD(&lane->look)) & ~lane->eff;
    allowed = waits & ~step_back(lane, uc, place, waits);
    allowed = place == TAIL ? 0 : allowed_now(lane, uc, allowed & ~sf_runner_crowded(lane, allowed));
    if (allowed)
        in = grant_one(lane, allowed);
    lane->sure = (opened_here(lane, uc, in) & sf_process.caught) != 0;
    if (allowed | lane->grant)
        in |= still_there(lane, uc, allowed);
    lane->grant = in;
    lane->grant_pc = sf_uc_pc(uc);
    lane->grant_sp = sf_uc_sp(uc);
    if (waits)
        sf_work_update(lane);
    if (SF_LOAD(&lane->look) & ~seen & ~lane->eff)
        sf_listener_poke(); /* it keeps the time for what was only seen now */
    give_mask(lane, uc, place, opened_here(lane, uc, in));
}
