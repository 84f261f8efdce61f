/* context: handler
 *
 * Two doors into one room. A relay (a reserved real-time signal) makes a thread look into its lane; and our
 * stub, which the kernel holds for every caught signal, takes what arrives directly: at an open gate, let in by
 * ourselves, or at a bad moment. Both end in sf_settle, which decides what the interrupted code goes on with.
 */
#include "engine/check.h"
#include "engine/event.h"
#include "libc/libc.h"
#include "sf_ucontext.h"

/* The two functions that the kernel enters stand together, so that their addresses tell. */
#define SF_ENTRY __attribute__((section("sf_entry"), used))
extern const char __start_sf_entry[] __attribute__((visibility("hidden")));
extern const char __stop_sf_entry[] __attribute__((visibility("hidden")));

enum verdict { RUN, HOLD, HOLD_OPEN, HAND_OFF, TO_RUNNER };

/* Is the signal there because we let it in, and has the thread not moved since? */
static int granted(const struct sf_lane *lane, int signo, const ucontext_t *uc, int ours)
{
    if (lane->granting)
        return 1;
    if (!SF_HAS(lane->grant, signo))
        return 0;
    return ours || (lane->grant_pc == sf_uc_pc(uc) && lane->grant_sp == sf_uc_sp(uc));
}

/* Is the interrupted code a stub of ours: one whose frame the kernel built just below this one, or that is on its
 * way out? Then its masks are not those of the program, and must come back as they were. (Between the two ends
 * `busy` is set.) */
int sf_context_ours(const struct sf_lane *lane, const ucontext_t *uc)
{
    uintptr_t pc = sf_uc_pc(uc);
    if (lane->busy)
        return SF_OURS_BUSY;
    return pc >= (uintptr_t)__start_sf_entry && pc < (uintptr_t)__stop_sf_entry ? SF_OURS_ENTRY : 0;
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

    *at = SF_COUNT_NOW;
    if (SF_HAS(SF_SET_FAULTS, signo) || !sf_routable(signo))
        return RUN;
    if (signo == SIGABRT && info->si_code == SI_TKILL && info->si_pid == sf_process.pid)
        return RUN; /* abort() from inside libc: the thread's own act */
    if (ours == SF_OURS_BUSY)
        return HOLD;
    if (lane->leaving || sf_process.mode != SF_MODE_FERRY)
        return RUN;
    if (SF_HAS(sf_wakeup_blocking(), signo) && !SF_HAS(lane->vmask, signo))
        return TO_RUNNER; /* whoever let it in did so before its handler was recognised */
    policy = sf_route_policy(signo, info);
    if (sf_runner_before(signo) && !SF_HAS(lane->vmask, signo))
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
    if (policy == SF_REPLAY_CONCURRENT || (policy == SF_REPLAY_POINT && sf_wakeup_is(signo)))
        return TO_RUNNER;
    *at = SF_COUNT_AT_SAFE;
    if (policy == SF_REPLAY_SAFE && at_safe_point(lane, uc))
        return RUN;
    return HOLD;
}

/* Keep this one; the kernel queues the rest behind it in order, because sf_settle blocks what is held. */
static void hold(struct sf_lane *lane, int signo, siginfo_t *info, int ours)
{
    sf_count(SF_COUNT_HELD);
    sf_event_wait(lane, signo, ours);
    if (sf_route_policy(signo, info) == SF_REPLAY_SAFE || sf_route_policy(signo, info) == SF_REPLAY_NOW)
        SF_OR(&lane->safe_ok, SF_BIT(signo));
    if (sf_slot_put(lane, signo, info, sf_now()) != 0) {
        /* No slot: back into the kernel's queue; it is blocked here, and the lane knows to look. */
        sf_requeue(lane, signo, info);
        SF_OR(&lane->look, SF_BIT(signo));
    }
    SF_OR(&lane->guard.work, SF_WORK_POINT | (SF_HAS(lane->safe_ok, signo) ? SF_WORK_SAFE : 0));
    sf_listener_poke(); /* it keeps the time: patience and limit */
}

/* A call that was interrupted for nothing (a relay that came late, a signal handed to another thread) goes on
 * as if it had not been: same number, same registers; the kernel left the rest of a timeout where it began. */
static void rewind_call(struct sf_lane *lane, ucontext_t *uc)
{
    const struct sf_call *call;
    if (lane->point != SF_POINT_WINDOW || lane->ran || sf_uc_pc(uc) != (uintptr_t)sf_window_after ||
        sf_uc_result(uc) != -EINTR || lane->cancel || (lane->grant & ~lane->eff))
        return;
    call = sf_uc_window_call(uc);
    sf_uc_set_pc(uc, (uintptr_t)sf_window_syscall);
    sf_uc_set_number(uc, call->nr);
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

/* Take one held signal out of `allowed` and put it where the kernel will deliver it as soon as the frame `uc`
 * is left. Returns its bit, or 0. */
static sf_set grant_one(struct sf_lane *lane, sf_set allowed)
{
    siginfo_t info;
    uint64_t since;
    sf_set pending = 0;
    int signo;

    do
        signo = sf_slot_take(lane, allowed, &info, &since);
    while (signo && sf_runner_wants(signo, lane) && sf_runner_hand(lane, signo, &info, since) == 0);
    if (!signo)
        return 0;
    if (SF_HAS(sf_wakeup_blocking(), signo)) {
        if (sf_runner_hand(lane, signo, &info, since) != 0)
            sf_slot_put(lane, signo, &info, since);
        return 0;
    }
    sys_sigpending(&pending);
    if ((SF_HAS(pending, signo) && signo < 34) || sf_requeue(lane, signo, &info) != 0) {
        sf_slot_put(lane, signo, &info, since); /* after the one that pends already */
        return SF_BIT(signo);
    }
    lane->granted_since = since;
    lane->again |= SF_BIT(signo);
    return SF_BIT(signo);
}

/* What pends in the kernel out of `allowed`. Its bit in `look` may be older than the signal's delivery by another way:
 * a mask opened for what does not come would stay open, since no stub of ours closes it. */
static sf_set let_look(struct sf_lane *lane, sf_set allowed)
{
    sf_set told = SF_LOAD(&lane->look) & allowed, pending = 0;
    if (!told)
        return 0;
    SF_AND(&lane->look, ~told);
    sys_sigpending(&pending);
    told &= pending;
    for (sf_set rest = told; rest; rest &= rest - 1)
        if (sf_runner_wants(sf_set_first(rest), lane)) {
            told &= ~SF_BIT(sf_set_first(rest));
            sf_replay_to_runner(lane, sf_set_first(rest));
        }
    return told;
}

/* Last step of every frame of ours: masks for the interrupted code, and what it may now receive. `orig` is the
 * kernel's mask of that code when the frame was built; `ours`: see sf_context_ours. Owner of the lane, handler
 * context, `busy` set. */
void sf_settle(struct sf_lane *lane, ucontext_t *uc, sf_set orig, int ours)
{
    sf_set waits, allowed, in = 0, mask, seen;

    if (ours) {
        /* Two frames built at once: what waits is let in by the frame below, which ends in here as well. */
        sf_set_put_kernel(&uc->uc_sigmask, orig | (SF_LOAD(&lane->held) & sf_process.caught));
        return;
    }
    if (lane->granting) {
        /* Interrupted where the engine itself opens the mask for a signal: it stays open there, and the rest of a
         * queue of real-time signals comes in one after the other. */
        mask = sf_mask_closed(lane) & ~(~orig & sf_process.closed);
        sf_set_put_kernel(&uc->uc_sigmask, mask);
        lane->kmask = mask;
        return;
    }
    seen = SF_LOAD(&lane->look);
    if (!lane->point)
        sf_mask_look(lane); /* what came while the handler's own mask blocked it */
    waits = (SF_LOAD(&lane->held) | SF_LOAD(&lane->look)) & ~lane->eff;
    allowed = allowed_now(lane, uc, waits & ~sf_runner_crowded(lane, waits));
    if (allowed) {
        in = grant_one(lane, allowed);
        in |= let_look(lane, allowed);
    }
    lane->grant = in;
    if (waits)
        sf_work_update(lane);
    if (SF_LOAD(&lane->look) & ~seen & ~lane->eff) {
        lane->look_since = sf_now();
        sf_listener_poke(); /* it keeps the time for what was only seen now */
    }
    lane->grant_pc = sf_uc_pc(uc);
    lane->grant_sp = sf_uc_sp(uc);
    mask = lane->point ? sf_mask_open(lane) : sf_mask_closed(lane);
    mask &= ~in;
    sf_set_put_kernel(&uc->uc_sigmask, mask);
    if (!lane->point)
        lane->kmask = mask;
}

/* A thread that we keep out of: natively, unless natively main had got it. */
static void without_lane(int signo, siginfo_t *info, ucontext_t *uc)
{
    const struct sf_lane *raw = sf_lane_raw();
    if (!(raw && (raw->vfork | raw->strict)) && sf_process.mode == SF_MODE_FERRY && sf_routable(signo) &&
        sf_route_main_wants(NULL, signo, info) && sf_route_hand(sf_process.main, signo, info, sf_now()) == 0)
        sf_listener_poke();
    else
        sf_replay_native(signo, info, uc);
}

/* The handler that the kernel holds for every caught signal. */
SF_ENTRY void sf_stub(int signo, siginfo_t *info, void *context)
{
    int saved = errno, ours;
    ucontext_t *uc = context;
    struct sf_lane *lane = sf_lane_self();
    enum sf_counter at = SF_COUNT_NOW;
    enum verdict verdict;
    sf_set orig;

    if (__builtin_expect(sf_process.forking, 0))
        sf_file_child(); /* if this is a child: the record is its parent's, and part of it not even there */
    if (SF_HAS(sf_process.watched, signo) || !lane) {
        if (SF_HAS(sf_process.watched, signo))
            sf_watch_fire(lane, signo, info);
        else
            without_lane(signo, info, uc);
        errno = saved;
        return;
    }
    ours = sf_context_ours(lane, uc);
    lane->busy++; /* sf_replay lowers it while the handler runs */
    memcpy(&orig, &uc->uc_sigmask, sizeof orig);
    if (!SF_HAS(lane->again, signo))
        sf_event_arrive(lane, signo, info, 0);
    sf_count(SF_COUNT_DIRECT);
    verdict = door(lane, signo, info, uc, ours, &at);
    if (sf_checking() && verdict != RUN)
        sf_check_hold(lane, signo, uc, ours);
    switch (verdict) {
    case RUN: /* (it takes note of `again`) */
        sf_replay(lane, signo, info, uc, ours, at);
        if (sf_process.config.check == SF_CHECK_NATIVE)
            saved = errno; /* what it did to it is its own affair */
        break;
    case HOLD:
        hold(lane, signo, info, ours);
        sf_settle(lane, uc, orig, ours);
        break;
    case HOLD_OPEN:
        /* libc is about to copy this thread's mask into a child: keep the signal, leave the mask alone. */
        hold(lane, signo, info, SF_OURS_BUSY);
        break;
    case TO_RUNNER:
        if (sf_runner_hand(lane, signo, info, sf_now()) != 0)
            hold(lane, signo, info, ours);
        sf_settle(lane, uc, orig, ours);
        break;
    case HAND_OFF:
        sf_route_hand(sf_process.main, signo, info, sf_now());
        sf_listener_poke();
        rewind_call(lane, uc);
        break;
    }
    lane->again &= ~SF_BIT(signo);
    lane->busy--;
    errno = saved;
}

/* The runner ran a handler for the call that this thread is in, or pthread_cancel asks: it ends as if the handler had
 * run here. Counted like one, so that no relay behind this one takes the call up again. */
static void runner_ran(struct sf_lane *lane, ucontext_t *uc)
{
    uint32_t how = lane->interrupt;
    lane->interrupt = 0;
    if (how && lane->point) {
        lane->ran++;
        lane->ran_hard += how == SF_INTERRUPT_HARD;
    }
    if (lane->point == SF_POINT_WINDOW && (how || lane->cancel))
        sf_window_end_early(lane, uc);
}

/* The relay's handler: look into the lane. */
SF_ENTRY static void relay(int signo, siginfo_t *info, void *context)
{
    int saved = errno;
    ucontext_t *uc = context;
    struct sf_lane *lane = sf_lane_self();
    struct sf_lane *raw = sf_lane_raw();
    sf_set orig;
    int ours;

    if (raw) /* before it looks at anything: who still finds this one on its way has changed the lane already */
        SF_ADD(&raw->looked[signo == sf_process.relay[1]], 1);
    if (lane) {
        ours = sf_context_ours(lane, uc);
        lane->busy++;
        memcpy(&orig, &uc->uc_sigmask, sizeof orig);
        SF_STORE(&lane->unsure, 1);
        if (lane->jump && !ours)
            sf_jump_arrive(lane);
        sf_settle(lane, uc, orig, ours);
        if (!ours) {
            runner_ran(lane, uc);
            rewind_call(lane, uc);
        } else if (lane->interrupt) {
            sf_listener_poke(); /* the call is the affair of a frame below, which may have let it go on: ask again */
        }
        lane->busy--;
    }
    errno = saved;
}

/* Install the relays' handlers. Once a process, before the first listener. */
void sf_relay_install(void)
{
    for (int i = 0; i < 2; i++) {
        struct sigaction act;
        memset(&act, 0, sizeof act);
        act.sa_sigaction = relay;
        act.sa_flags = SA_SIGINFO | (i ? SA_RESTART : 0);
        /* Block everything but faults: a second frame on top of this one could not settle the code below. */
        sf_set_put(&act.sa_mask, ~(SF_SET_FAULTS));
        sf_libc.sigaction(sf_process.relay[i], &act, NULL);
    }
}

/* Make the lane's thread look, with the restart behaviour of `signo`'s handler if the thread sleeps in libc's
 * own code. Any context, any thread.
 *
 * One relay on its way is enough: real-time signals queue, the listener is woken by every one that is sent while
 * something pends, and would ask a thread that has no processor (or is stopped by a debugger) thousands of times a
 * second, until the user's RLIMIT_SIGPENDING is used up. If nobody has looked since `asked` was written, what was
 * sent before that is still to come. */
void sf_relay_send(struct sf_lane *lane, int signo)
{
    struct sf_action act;
    int tid, restart = 1;
    uint32_t looked[2] = {SF_LOAD(&lane->looked[0]), SF_LOAD(&lane->looked[1])};
    tid = lane->tid; /* after `looked`: the lane's next thread writes them the other way round */
    if (tid <= 0 || !sf_process.started_once)
        return;
    if (lane->interrupt) {
        restart = lane->interrupt == SF_INTERRUPT_SOFT;
    } else if (signo > 0 && (lane->point || (lane->guard.flags & SF_GUARD_INPUT))) {
        sf_disposition_get(signo, &act);
        restart = (act.flags & SA_RESTART) != 0;
    }
    if (SF_LOAD(&lane->asked[restart]) == looked[restart] + 1)
        return;
    sf_count(SF_COUNT_RELAYS);
    /* Noted only when it has been sent: a sender that is held up in between must not keep others from sending. */
    if (sys_tgkill(sf_process.pid, tid, sf_process.relay[restart]) == 0)
        SF_STORE(&lane->asked[restart], looked[restart] + 1);
}

/* Relays sent to the lane's former thread, or to the parent of this process, are not on their way any more. After
 * `tid` is that of the new thread. */
void sf_relay_forget(struct sf_lane *lane)
{
    SF_ADD(&lane->looked[0], 1);
    SF_ADD(&lane->looked[1], 1);
}
