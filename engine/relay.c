/* context: handler
 *
 * Two doors into one room. A relay (a reserved real-time signal) makes a thread look into its lane; and our
 * stub, which the kernel holds for every caught signal, takes what arrives directly: at an open gate, let in by
 * ourselves, or at a bad moment. Both end in sf_settle, which decides what the interrupted code goes on with.
 * The kernel enters both in entry.S, which tells how frames on top of each other get along.
 */
#include "engine/check.h"
#include "engine/event.h"
#include "libc/libc.h"
#include "sf_ucontext.h"

/* What the work returns to entry.S, in two registers. */
struct out {
    uint32_t *busy;
    volatile uint32_t *recheck;
};
struct out sf_stub_run(int signo, siginfo_t *info, ucontext_t *frame, struct sf_lane *lane);
struct out sf_relay_run(int signo, siginfo_t *info, ucontext_t *frame, struct sf_lane *lane);
struct out sf_frame_again(ucontext_t *frame);

enum verdict { RUN, HOLD, HOLD_OPEN, HAND_OFF, TO_RUNNER };

/* The end of a frame's work. Over another frame (or the engine) there is nothing to look at again: that one will. Nor if
 * the frame of a held signal comes at once: in a storm, with a thread that is slow (a debugger, little of a processor),
 * something would come during each look, and no handler would ever run. */
static struct out done(struct sf_lane *lane, int ours)
{
    static volatile uint32_t never;
    if (ours)
        SF_STORE(&lane->recheck, 1);
    return (struct out){&lane->busy, ours || lane->sure ? &never : &lane->recheck};
}

/* Is the signal there because we let it in, and has the thread not moved since? */
static int granted(const struct sf_lane *lane, int signo, const ucontext_t *uc, int ours)
{
    if (lane->granting)
        return 1;
    if (!SF_HAS(lane->grant, signo))
        return 0;
    return ours || (lane->grant_pc == sf_uc_pc(uc) && lane->grant_sp == sf_uc_sp(uc));
}

/* The thread may be interrupted here by a signal that only asks for a safe point. */
static int at_safe_point(const struct sf_lane *lane, const ucontext_t *uc)
{
    if (lane->guard.inside == 0)
        return 1;
    return (lane->guard.flags & SF_GUARD_INPUT) && (sf_uc_at_syscall(uc, SYS_read) || sf_uc_at_syscall(uc, SYS_futex));
}

static enum verdict door(struct sf_lane *lane, int signo, siginfo_t *info, ucontext_t *uc, int ours, enum sf_counter *at)
{
    enum sf_replay policy;
    /* What only a sigsuspend lets in runs here, unless it would overtake one of its number that the runner is at. */
    int in_thread = sf_runner_is_over(lane, signo) ||
                    (SF_HAS(lane->vmask, signo) && (SF_HAS(SF_LOAD(&lane->eff), signo) || !sf_runner_has(signo)));

    *at = SF_COUNT_NOW;
    /* The thread's own act, which cannot wait: unless somebody sent it while our tables are half changed or locked, where
     * its handler must not run (it may well call sigaction). */
    if (!sf_routable(signo))
        return ours == SF_OURS_BUSY && info->si_code <= 0 ? HOLD : RUN;
    if (signo == SIGABRT && info->si_code == SI_TKILL && info->si_pid == sf_process.pid)
        return RUN; /* abort() from inside libc: the thread's own act */
    if (ours == SF_OURS_BUSY)
        return HOLD;
    if (lane->leaving == SF_LEAVES || sf_process.mode != SF_MODE_FERRY || sf_disposition_gone(signo))
        return RUN;
    if (SF_HAS(sf_wakeup_blocking(), signo) && !in_thread)
        return TO_RUNNER; /* whoever let it in did so before its handler was recognised */
    policy = sf_route_policy(signo, info);
    if (sf_runner_before(signo) && !in_thread)
        return TO_RUNNER;
    if (granted(lane, signo, uc, ours)) {
        *at = lane->point ? SF_COUNT_AT_POINT : SF_HAS(lane->force_ok, signo) && lane->guard.inside ? SF_COUNT_FORCED
                                                                                                 : SF_COUNT_AT_SAFE;
        return RUN;
    }
    if (lane->spawning)
        return HOLD_OPEN;
    if (sf_route_main_wants(lane, signo, info))
        return HAND_OFF;
    if (lane->point) {
        *at = SF_COUNT_AT_POINT;
        return RUN;
    }
    if (SF_HAS(lane->vmask, signo))
        return HOLD;
    if (policy == SF_REPLAY_NOW)
        return RUN;
    if (!in_thread && (policy == SF_REPLAY_CONCURRENT || (policy == SF_REPLAY_POINT && sf_wakeup_is(signo))))
        return TO_RUNNER;
    *at = SF_COUNT_AT_SAFE;
    if (policy == SF_REPLAY_SAFE && at_safe_point(lane, uc))
        return RUN;
    /* It has ended a call that sleeps and is made past us: a point, in all but the name. The call returns EINTR either way. */
    if (!ours && lane->guard.inside == 0 && sf_uc_interrupted(uc))
        return RUN;
    return HOLD;
}

/* One of `signo` waits in the lane from now on. 0. */
static int waits(struct sf_lane *lane, int signo, int ours, uint32_t work)
{
    sf_count(SF_COUNT_HELD);
    sf_event_wait(lane, signo, ours);
    SF_OR(&lane->guard.work, work);
    sf_listener_poke(); /* it keeps the time: patience and limit */
    return 0;
}

/* Keep this one; the kernel queues the rest behind it in order, because sf_settle blocks what is held. 0, or -EAGAIN:
 * neither we nor the kernel can keep it. `blocks`: sf_settle follows. */
static int hold(struct sf_lane *lane, int signo, siginfo_t *info, int ours, int blocks)
{
    enum sf_replay policy = sf_route_policy(signo, info);
    if (sf_slot_is_copy(info)) {
        sf_slot_unoffer(lane, signo);
    } else if (sf_slot_put(lane, signo, info, sf_now()) != 0) {
        /* No slot: back into the kernel's queue; it is blocked here, and the lane knows to look. */
        if (!blocks || sf_requeue(lane, signo, info) != 0)
            return -EAGAIN;
        SF_OR(&lane->look, SF_BIT(signo));
    }
    if (policy == SF_REPLAY_SAFE || policy == SF_REPLAY_NOW || sf_process.mode != SF_MODE_FERRY || !sf_routable(signo))
        SF_OR(&lane->safe_ok, SF_BIT(signo));
    return waits(lane, signo, ours, SF_WORK_POINT | (SF_HAS(lane->safe_ok, signo) ? SF_WORK_SAFE : 0));
}

/* The runner has enough, or it is not main's: it waits here, before those of its number that wait already. As hold. */
static int keep(struct sf_lane *lane, int signo, siginfo_t *info, int ours)
{
    if (sf_slot_put_back(lane, signo, info, sf_now()) != 0)
        return hold(lane, signo, info, ours, 1);
    return waits(lane, signo, ours, SF_WORK_POINT);
}

/* A thread that we keep out of: natively, unless natively main had got it. */
static void without_lane(int signo, siginfo_t *info, ucontext_t *uc)
{
    const struct sf_lane *raw = sf_lane_raw();
    if (!(raw && (raw->vfork | raw->strict)) && !sf_process_other() && sf_process.mode == SF_MODE_FERRY && sf_routable(signo) &&
        sf_route_main_wants(NULL, signo, info))
        sf_route_to_main(signo, info);
    else
        sf_replay_native(signo, info, uc);
}

/* One that has come by the direct door, to a thread with a lane. 1: its handler was called here. */
static int arrived(struct sf_lane *lane, int signo, siginfo_t *info, ucontext_t *uc, int ours)
{
    enum sf_counter at;
    enum verdict verdict = door(lane, signo, info, uc, ours, &at);
    sf_set orig;

    if (sf_checking() && verdict != RUN)
        sf_check_hold(lane, signo, uc, ours);
    memcpy(&orig, &uc->uc_sigmask, sizeof orig);
    if (verdict == HOLD && hold(lane, signo, info, ours, 1) == 0) {
        sf_settle(lane, uc, orig, ours);
        return 0;
    }
    /* libc is about to copy this thread's mask into a child: keep the signal, leave the mask alone. */
    if (verdict == HOLD_OPEN && hold(lane, signo, info, SF_OURS_BUSY, 0) == 0)
        return 0;
    if (verdict == HOLD || verdict == HOLD_OPEN) { /* nowhere to keep it: rather at a bad moment than never */
        verdict = RUN;
        at = SF_COUNT_FORCED;
    }
    if (!sf_slot_next(lane, signo, info)) {
        sf_settle(lane, uc, orig, ours);
        sf_rewind_call(lane, uc);
    } else if (verdict == HAND_OFF && !sf_info_aimed(info)) {
        sf_route_to_main(signo, info);
        sf_rewind_call(lane, uc);
    } else if ((verdict == TO_RUNNER && sf_runner_hand(lane, signo, info, sf_now()) == 0) ||
               (verdict != RUN && keep(lane, signo, info, ours) == 0)) {
        /* (HAND_OFF: an older one of the same number, which is this thread's: it had waited for it.) */
        sf_settle(lane, uc, orig, ours);
    } else {
        sf_replay(lane, signo, info, uc, ours, at); /* (it takes note of `again`, and lowers `busy` while the handler runs) */
        return 1;
    }
    return 0;
}

/* The work of the stub. */
struct out sf_stub_run(int signo, siginfo_t *info, ucontext_t *frame, struct sf_lane *lane)
{
    int saved = errno, ours;
    ucontext_t *uc = sf_frame_interrupted(frame);

    if (__builtin_expect(sf_process.forking, 0) && sf_process_unborn(signo, info, frame)) {
        errno = saved;
        return lane ? done(lane, SF_OURS_BUSY) : (struct out){NULL, NULL};
    }
    if (SF_HAS(sf_process.watched, signo) || !lane) {
        if (SF_HAS(sf_process.watched, signo))
            sf_watch_fire(lane, signo, info);
        else
            without_lane(signo, info, uc);
        errno = saved;
        return lane ? done(lane, SF_OURS_BUSY) : (struct out){NULL, NULL};
    }
    lane->entered++;
    if (__builtin_expect(SF_HAS(SF_LOAD(&lane->aimed), signo), 0) && signo < 34)
        SF_AND(&lane->aimed, ~SF_BIT(signo)); /* before its handler, in which the next one may come */
    ours = sf_frame_ours(lane, uc);
    if (__builtin_expect(lane->bare != 0, 0))
        sf_slot_came(lane, signo, info);
    if (!SF_HAS(lane->again, signo) && !sf_slot_is_copy(info))
        sf_event_arrive(lane, signo, info, 0);
    sf_count(SF_COUNT_DIRECT);
    if (arrived(lane, signo, info, uc, ours) && sf_process.config.check == SF_CHECK_NATIVE)
        saved = errno; /* what it did to it is its own affair */
    lane->again &= ~SF_BIT(signo);
    if (!ours && lane->ran) /* perhaps on top of this frame, before it began */
        sf_window_end_early(lane, uc);
    if (!ours && lane->cut)
        sf_rewind_call(lane, uc);
    errno = saved;
    return done(lane, ours);
}

/* Let in what the lane has for the interrupted code. */
static void look(struct sf_lane *lane, ucontext_t *uc, int ours)
{
    sf_set orig;
    memcpy(&orig, &uc->uc_sigmask, sizeof orig);
    sf_settle(lane, uc, orig, ours);
    if (!ours)
        sf_settle_call(lane, uc);
}

/* The work of the relay: look into the lane. */
struct out sf_relay_run(int signo, siginfo_t *info, ucontext_t *frame, struct sf_lane *lane)
{
    int saved = errno, ours;
    ucontext_t *uc = sf_frame_interrupted(frame);
    volatile uint32_t *looked;

    if (!sf_lane_raw())
        return (struct out){NULL, NULL};
    looked = &sf_lane_raw()->looked[signo == sf_process.relay[1]];
    if (!lane) {
        SF_ADD(looked, 1);
        return (struct out){NULL, NULL};
    }
    SF_STORE(&lane->recheck, 0);
    lane->one_ran = 0;
    ours = sf_frame_ours(lane, uc);
    lane->cut |= !ours && signo == sf_process.relay[0];
    SF_STORE(&lane->unsure, 1);
    if (lane->jump && !ours) {
        SF_ADD(looked, 1);
        sf_jump_arrive(lane);
    }
    look(lane, uc, ours);
    SF_ADD(looked, 1); /* from here on another relay may be sent; `recheck` tells if somebody wanted to before */
    errno = saved;
    return done(lane, ours);
}

/* Something came while the frame was at work, perhaps after its last look: the same once more. What it let in before
 * stays let in. `busy` is raised. */
struct out sf_frame_again(ucontext_t *frame)
{
    int saved = errno;
    ucontext_t *uc = sf_frame_interrupted(frame);
    struct sf_lane *lane = sf_lane_raw();

    if (!lane)
        return (struct out){NULL, NULL};
    SF_STORE(&lane->recheck, 0); /* first: what comes during the look asks for another */
    if (lane->strict)
        return done(lane, 0);
    if (lane->jump)
        sf_jump_arrive(lane);
    look(lane, uc, 0);
    errno = saved;
    return done(lane, 0);
}

/* Install the relays' handlers. Once a process, before the first listener. */
void sf_relay_install(void)
{
    for (int i = 0; i < 2; i++) {
        struct sigaction act;
        memset(&act, 0, sizeof act);
        act.sa_sigaction = sf_relay;
        act.sa_flags = SA_SIGINFO | (i ? SA_RESTART : 0);
        /* Block everything but faults: a second frame on top of this one could not settle the code below. */
        sf_set_put(&act.sa_mask, ~(SF_SET_FAULTS));
        sf_libc.sigaction(sf_process.relay[i], &act, NULL);
    }
}

/* The user's RLIMIT_SIGPENDING is used up, and the kernel queues nothing for one thread. What kill(2) sends needs no place
 * there, and goes to the main thread first. Nothing is noted: another thread may have taken it, for nothing. (Not the relay without
 * SA_RESTART: the listener would take it for a poke. A window ends all the same.) */
static void relay_to_process(void)
{
    if (!SF_LOAD(&sf_process.no_kill))
        SF_SYS(SYS_kill, sf_process.pid, sf_process.relay[1], 0, 0, 0, 0);
}

/* Make the lane's thread look, with the restart behaviour of `signo`'s handler if the thread sleeps in libc's
 * own code. Any context, any thread.
 *
 * One relay on its way is enough: real-time signals queue, the listener is woken by every one that is sent while
 * something pends, and would ask a thread that has no processor (or is stopped by a debugger) thousands of times a
 * second, until the user's RLIMIT_SIGPENDING is used up. If nobody has looked since `asked` was written, what was
 * sent before that is still to come, or at work: then it sees `recheck` before it ends. (While one is at work no other
 * is sent, either: it would be delivered before what that one lets in, and so on without end.) */
static void tell(struct sf_lane *lane, int signo, int asleep)
{
    struct sf_action act;
    int tid, restart = 1, busy = SF_LOAD(&lane->busy) != 0;
    uint32_t looked[2];
    long err;

    if (busy) /* before `looked`, which changes before `busy` is lowered */
        SF_STORE(&lane->recheck, 1);
    looked[0] = SF_LOAD(&lane->looked[0]);
    looked[1] = SF_LOAD(&lane->looked[1]);
    tid = lane->tid; /* after `looked`: the lane's next thread writes them the other way round */
    if (tid <= 0 || !sf_process.started_once)
        return;
    if (lane->interrupt) {
        restart = lane->interrupt == SF_INTERRUPT_SOFT;
    } else if (signo > 0 && (lane->point || asleep || (lane->guard.flags & SF_GUARD_INPUT))) {
        sf_disposition_get(signo, &act);
        restart = (act.flags & SA_RESTART) != 0;
    }
    /* Nor one with SA_RESTART behind one without: it has the lower number, would be handled first, and take the call up again. */
    if (SF_LOAD(&lane->asked[restart]) == looked[restart] + 1 || SF_LOAD(&lane->asked[0]) == looked[0] + 1)
        return;
    sf_count(SF_COUNT_RELAYS);
    /* Noted only when it has been sent: a sender that is held up in between must not keep others from sending. */
    err = sys_tgkill(sf_process.pid, tid, sf_process.relay[restart]);
    if (err == 0)
        SF_STORE(&lane->asked[restart], looked[restart] + 1);
    else if (err == -EAGAIN && tid == sf_process.pid && !busy)
        relay_to_process();
}

void sf_relay_send(struct sf_lane *lane, int signo)
{
    tell(lane, signo, 0);
}

/* The same for one that was seen asleep outside of points and guarded functions, in a call that it makes past us: that ends as
 * the handler of `signo` would have it end. Listener. */
void sf_relay_wake(struct sf_lane *lane, int signo)
{
    tell(lane, signo, 1);
}

/* Relays sent to the lane's former thread, or to the parent of this process, are not on their way any more. After
 * `tid` is that of the new thread. */
void sf_relay_forget(struct sf_lane *lane)
{
    SF_ADD(&lane->looked[0], 1);
    SF_ADD(&lane->looked[1], 1);
}
