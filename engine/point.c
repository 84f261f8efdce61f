/* context: thread
 *
 * Interruption points: calls in which the program expects to be interrupted, and the best moment there is.
 * Parked here the thread's kernel mask is its virtual mask (the gate is open), so the kernel itself hands it
 * what comes, at native speed; on entry and on the way out it first takes what has been waiting.
 */
#include <limits.h>

#include "engine/check.h"
#include "engine/engine.h"
#include "engine/rest.h"

/* Prepare one passage; 1 if the masks differ, so the gate is worth two system calls. */
static void fill(struct sf_call *call, struct sf_lane *lane)
{
    call->open = sf_mask_open(lane);
    call->closed = sf_mask_closed(lane);
    call->work = &lane->guard.work;
    call->point = &lane->point;
    call->gate = (call->open != call->closed || call->closed != lane->kmask);
}

/* Has a handler run since the program's call began, that must end it? The program may have looked at its flag
 * before. (The kernel restarts some calls after some handlers: those just go on.) */
static int interrupted(const struct sf_lane *lane, const struct sf_call *call)
{
    return lane->ran && !(call->restarts && !lane->ran_hard);
}

/* What the runner has run for this call so far counts like what ran here. The mask that a sigsuspend installs is in force for
 * the runner before the thread is in its window: what ran in between was lost to it. Owner, any context. */
void sf_count_elsewhere(struct sf_lane *lane)
{
    uint64_t had = lane->seen;
    lane->seen = SF_LOAD(&lane->elsewhere);
    if (lane->seen == had)
        return;
    /* Added in one piece: a handler that runs here and now adds to them, too. */
    SF_ADD(&lane->ran, 1);
    SF_ADD(&lane->ran_hard, lane->seen / SF_ELSEWHERE_HARD != had / SF_ELSEWHERE_HARD);
}

/* Handle what has come: also what the listener takes out of the kernel while we are about to let it in. */
static void settle_up(struct sf_lane *lane)
{
    for (int turn = 0; turn < 8; turn++) { /* the runner may have enough to do, and leave some */
        if (SF_LOAD(&sf_process.hands))
            sf_hands_wait();
        if (lane->is_runner || !((SF_LOAD(&lane->held) | SF_LOAD(&lane->look)) & ~lane->vmask))
            return;
        sf_replay_waiting(lane, ~(sf_set)0);
        if (sf_process.mode != SF_MODE_FERRY)
            return;
    }
}

/* Out of the point: what came while the thread was in it, wherever it is by now. */
static void catch_up(struct sf_lane *lane)
{
    SF_STORE(&lane->unsure, 1);
    sf_rest_left(lane);
    /* In this order: what the kernel no longer shows, the listener had in its hands before it took it. */
    if (sf_process.nogate & ~lane->vmask)
        sf_mask_look(lane); /* these do not come through the gate */
    settle_up(lane);
}

/* The call is over: what came before it ended is handled before the program sees that it ended. */
static void leave(struct sf_lane *lane, const struct sf_call *call)
{
    sf_mask_heal(lane); /* a handler may have edited the mask that it returned to */
    catch_up(lane);
    if (SF_LOAD(&lane->runner_holds) || lane->jump)
        sf_runner_wait(lane);
}

#define SF_ZERO LONG_MIN /* a call that is done, with result 0 */

/* A handler ran when the call had begun but the kernel was not in it. If the call would sleep, it returns EINTR, as
 * if the signal had come an instant later: the program may have looked at its flag just before. If not, it goes on
 * as natively. 0: make it. */
static long late(struct sf_lane *lane, struct sf_call *call)
{
    switch (sf_late(call)) {
    case SF_LATE_DONE:
        return call->result ? call->result : SF_ZERO;
    case SF_LATE_EINTR:
        if (sf_checking())
            sf_check_late(lane, call);
        if (sf_process.config.check == SF_CHECK_NATIVE)
            break;
        sf_count(SF_COUNT_LOST_WAKEUP);
        return -EINTR;
    }
    lane->ran = lane->ran_hard = 0;
    return 0;
}

/* A signal that only the mask of this call lets in has ended its sleep, but the listener was faster (the thread had no
 * processor for a while): it is held for us, or will be in a moment, and comes when the call is made once more. */
static int taken_on_the_way(const struct sf_lane *lane)
{
    if (SF_LOAD(&sf_process.hands))
        sf_hands_wait();
    return (((SF_LOAD(&lane->held) & ~lane->temp) | lane->grant) & lane->vmask) != 0;
}

static long pass(struct sf_lane *lane, struct sf_call *call, const sf_set *temp)
{
    long r;
    for (;;) {
        if (lane->guard.work) {
            sf_replay_waiting(lane, ~(sf_set)0);
            sf_runner_wait(lane);
        }
        sf_count_elsewhere(lane);
        if (interrupted(lane, call) && (r = late(lane, call)) != 0)
            return r;
        if (SF_LOAD(&lane->cancel))
            return -EINTR;
        fill(call, lane);
        if (temp) {
            /* Held, blocked by the handler that we are in, and let in by this call: the kernel's affair. */
            if (SF_LOAD(&lane->held) & lane->vmask & ~*temp) {
                lane->again |= lane->held & lane->vmask & ~*temp & ~SF_SET_RT;
                sf_slot_let(lane, lane->vmask & ~*temp);
            }
            lane->temp = sf_mask_clean(*temp);
            lane->temp_on = 1;
            SF_STORE(&lane->eff, lane->temp);
        }
        r = sf_window(call);
        if (call->gate && r != -SF_EWORK)
            lane->kmask = call->closed; /* it has opened, and closed */
        if (temp) {
            lane->temp_on = 0;
            SF_STORE(&lane->eff, lane->vmask);
        }
        if (r == -SF_ELATE) {
            if (SF_LOAD(&lane->cancel))
                return -EINTR;
            if (interrupted(lane, call) && (r = late(lane, call)) != 0)
                return r;
            continue;
        }
        if (r == -EINTR && temp && !lane->ran && taken_on_the_way(lane)) {
            lane->grant = 0;
            continue;
        }
        if (r != -SF_EWORK)
            return r;
        if (lane->guard.work)
            sf_work_update(lane); /* may have been for a signal that is blocked */
    }
}

#define JUST_NOW_NS 200000

/* From here on handlers count as having interrupted the call. So does one that patience let run in the program's own
 * code an instant ago: that may have been between the look at a flag and this call. */
static void begin(struct sf_lane *lane)
{
    uint32_t impatient;
    /* First: a handler that comes between two of these lines counts itself, and must not be forgotten. */
    *(volatile uint32_t *)&lane->ran = 0;
    *(volatile uint32_t *)&lane->ran_hard = 0;
    lane->cut = 0;
    impatient = *(volatile uint32_t *)&lane->impatient;
    if (__builtin_expect(!impatient, 1))
        return;
    lane->impatient = 0;
    if (sf_now() - lane->impatient_at <= JUST_NOW_NS) {
        lane->ran++;
        lane->ran_hard += impatient - 1;
    }
}

/* Is there nothing for us to do about a call: no signal has ever gone by the listener, nothing waits or asks, no handler has
 * run in it? Then, with the kernel's mask that of the program, the window is all there is to it. With route = direct, as under
 * sigferry trace, that is nearly every call. What comes between this look and the window leaves `work`, which the window sees. */
static inline int nothing_of_ours(const struct sf_lane *lane)
{
    sf_set sets = sf_process.doorbell | lane->held | lane->look | sf_reader_unread;
    uint32_t words = lane->guard.work | *(const volatile uint32_t *)&lane->ran | lane->cancel | sf_process.deep;
    return !(sets | words);
}

static inline int is_plain(const struct sf_lane *lane, const sf_set *temp)
{
    return !temp && nothing_of_ours(lane) && lane->kmask == lane->vmask && !lane->takes && sf_process.listener_tid &&
           !sf_checking();
}

/* The call has returned r. 1: the relay of pthread_cancel has ended it. Act on that; if cancellation is disabled, nothing has
 * happened, and it is to be made once more. */
static int must_repeat(struct sf_lane *lane, const struct sf_call *call, long r)
{
    if (__builtin_expect(sf_reader_unread != 0, 0) && r > 0 &&
        (call->nr == SYS_read || call->nr == SYS_recvfrom || call->nr == SYS_readv || call->nr == SYS_recvmsg))
        sf_reader_read(lane, (int)call->a[0]);
    leave(lane, call);
    if (sf_checking())
        sf_check_called(lane, call->nr, call->a, r);
    if (r != -EINTR || !SF_LOAD(&lane->cancel))
        return 0;
    SF_STORE(&lane->cancel, 0);
    return !lane->ran;
}

/* A call that is not plain, or has turned out not to be before it was made. */
static __attribute__((noinline)) long make(struct sf_lane *lane, struct sf_call *call, unsigned flags, const sf_set *temp)
{
    long r;
    lane->seen = SF_LOAD(&lane->elsewhere); /* what the runner has run for this thread so far was not for this call */
    if (__builtin_expect(lane->takes != 0, 0) && call->nr != SYS_rt_sigtimedwait)
        lane->takes = 0; /* pthread_cancel has ended the wait, and this is a cleanup handler's call */
    if (sf_process.mode != SF_MODE_FERRY || !sf_process.listener_tid)
        sf_process_ferry();
    if (sf_runner_is_wanted())
        sf_runner_start_if_wanted();
    do {
        if (flags & SF_CANCELS)
            pthread_testcancel();
        r = pass(lane, call, temp);
        if (r == SF_ZERO)
            r = 0;
    } while (must_repeat(lane, call, r));
    return r;
}

/* Make system call `nr` as an interruption point of the program. `temp`: the mask that the call itself installs
 * for its duration (ppoll, sigsuspend), or NULL. Returns the result or -errno. The calling thread has a lane.
 * With SF_CANCELS a pthread_cancel acts here as in libc's own cancellation points (does not return). */
long sf_point(unsigned flags, const sf_set *temp, long nr, const long a[6])
{
    struct sf_lane *lane = sf_lane_raw();
    struct sf_call call;
    long r;

    if (sf_checking())
        sf_check_point(lane, nr, a);
    begin(lane);
    call.nr = nr;
    memcpy(call.a, a, sizeof call.a);
    call.restarts = flags & SF_RESTARTS;
    if (!is_plain(lane, temp))
        return make(lane, &call, flags, temp);
    if (flags & SF_CANCELS)
        pthread_testcancel();
    call.work = &lane->guard.work;
    call.point = &lane->point;
    call.gate = 0;
    r = sf_window(&call);
    if (__builtin_expect(r == -SF_EWORK || r == -SF_ELATE, 0))
        return make(lane, &call, flags, NULL);
    if (nothing_of_ours(lane) && r != -EINTR)
        return r;
    return must_repeat(lane, &call, r) ? make(lane, &call, flags, NULL) : r;
}

/* A stretch of libc's own code in which the thread sleeps (pthread_cond_wait, sem_wait, tcdrain ...): parked, with
 * the gate open, but without the window's guarantee. Returns 1 if it did anything; then call sf_soft_leave. */
int sf_soft_enter(struct sf_lane *lane)
{
    sf_set open;
    if (sf_process.mode != SF_MODE_FERRY || !sf_process.listener_tid)
        sf_process_ferry();
    if (lane->guard.work)
        sf_replay_waiting(lane, ~(sf_set)0);
    open = sf_mask_open(lane);
    lane->seen = SF_LOAD(&lane->elsewhere);
    SF_STORE(&lane->point, SF_POINT_SOFT);
    if (open != lane->kmask) {
        lane->kmask = open;
        sys_sigprocmask(SIG_SETMASK, &open, NULL);
    }
    return 1;
}

void sf_soft_leave(struct sf_lane *lane)
{
    sf_mask_heal(lane);
    SF_STORE(&lane->point, SF_POINT_NONE);
    catch_up(lane);
}
