/* context: listener, handler
 *
 * Choose the thread, as the kernel would, and the replay point.
 */
#include "engine/event.h"

/* The replay point for one signal: what `sigferry ctl` or the configuration says, else by what arrived (`info` NULL: for a
 * process-directed, asynchronous one). Any context. */
enum sf_replay sf_route_policy(int signo, const siginfo_t *info)
{
    unsigned chosen = sf_control_replay(signo);
    enum sf_replay r = chosen > SF_REPLAY_UNSET && chosen <= SF_REPLAY_NOW ? (enum sf_replay)chosen
                                                                          : sf_config_signal(&sf_process.config, signo).replay;
    if (info && signo == SIGABRT && info->si_code == SI_TKILL && info->si_pid == sf_process.pid)
        return SF_REPLAY_NOW; /* abort(), from inside libc: it is the thread's own act */
    if (sf_process.config.check == SF_CHECK_NATIVE)
        return SF_REPLAY_NOW;
    if (r != SF_REPLAY_UNSET)
        return r;
    if (signo == SIGPROF || signo == SIGVTALRM || SF_HAS(sf_process.aimed, signo))
        return SF_REPLAY_SAFE;
    /* One thread of the program signals another: collectors stop the world so, and wait for it. */
    if (info && info->si_code == SI_TKILL && info->si_pid == sf_process.pid)
        return SF_REPLAY_SAFE;
    return SF_REPLAY_POINT;
}

static int takes(const struct sf_lane *lane, int signo)
{
    return SF_LOAD(&lane->state) == SF_LANE_LIVE && !lane->is_runner && !SF_HAS(SF_LOAD(&lane->eff), signo);
}

/* The thread that the kernel would choose for a process-directed `signo`: the main thread if it does not block
 * it, else any; among those a parked one. NULL: all block it, and it stays where it is, in the kernel. */
struct sf_lane *sf_route_lane(int signo)
{
    struct sf_lane *busy = NULL, *main = SF_LOAD(&sf_process.main);
    if (takes(main, signo))
        return main; /* and not what is `main` by now: it may just have ended */
    for (uint32_t i = 0; i < sf_lane_high; i++) {
        if (!takes(&sf_lanes[i], signo))
            continue;
        if (sf_lanes[i].point)
            return &sf_lanes[i];
        if (!busy)
            busy = &sf_lanes[i];
    }
    return busy;
}

/* Is a thread that is about to exec to take it? Its mask is open, or will be in a moment. Listener. */
int sf_route_leaves(int signo)
{
    if (SF_LOAD(&sf_process.leaving))
        for (uint32_t i = 0; i < sf_lane_high; i++)
            if (SF_LOAD(&sf_lanes[i].leaving) && takes(&sf_lanes[i], signo))
                return 1;
    return 0;
}

/* A process-directed signal has reached a thread other than main although main does not block it: natively it
 * had gone to main. Happens because main's gate is closed while it computes. Handler context of `self`. */
int sf_route_main_wants(const struct sf_lane *self, int signo, const siginfo_t *info)
{
    if (self == sf_process.main || sf_info_aimed(info) || SF_HAS(sf_process.aimed, signo))
        return 0;
    return SF_HAS(sf_process.closed, signo) && takes(sf_process.main, signo);
}

/* Put one signal into a lane, and get the thread to look if it sleeps. 0, or -EAGAIN: no slot. Any context. */
int sf_route_hand(struct sf_lane *lane, int signo, const siginfo_t *info, uint64_t since)
{
    enum sf_replay policy = sf_route_policy(signo, info);
    int second = SF_HAS(SF_LOAD(&lane->held), signo);
    int err = sf_slot_put(lane, signo, info, since);
    if (err)
        return err;
    sf_count(SF_COUNT_HELD);
    sf_event_wait(lane, signo, 0);
    /* A second instance shortens the patience of the first: they must not pile up. (Both are kept, so no count is
     * off; and a thread that was merely descheduled for a moment still gets to its interruption point.) */
    if (second)
        SF_OR(&lane->hurry, SF_BIT(signo));
    if (policy == SF_REPLAY_SAFE || policy == SF_REPLAY_NOW)
        SF_OR(&lane->safe_ok, SF_BIT(signo));
    SF_OR(&lane->guard.work, SF_WORK_POINT | (SF_HAS(lane->safe_ok, signo) ? SF_WORK_SAFE : 0));
    /* After the push: a thread that parks sets `point` first and looks at `work` then, so one of us sees the
     * other. */
    if (SF_LOAD(&lane->point) && !SF_HAS(SF_LOAD(&lane->eff), signo))
        sf_relay_send(lane, signo);
    /* Its thread may have ended since it was chosen. It says so, then looks for the last time; we the other way round. */
    if (__builtin_expect(SF_LOAD(&lane->state) != SF_LANE_LIVE, 0))
        sf_lane_hand_on(lane);
    return 0;
}

/* What main wants (sf_route_main_wants), to main, unless that has ended since; else back into the kernel's queue. Any context. */
void sf_route_to_main(int signo, const siginfo_t *info)
{
    struct sf_lane *main = SF_LOAD(&sf_process.main);
    int tid = main->tid;
    if (SF_LOAD(&main->state) != SF_LANE_LIVE || sf_route_hand(main, signo, info, sf_now()) != 0)
        sf_route_back(tid, signo, info);
    sf_listener_poke();
}

/* Back into the kernel's queue of thread `tid`, or (0) of the process: there is no slot for it, or nobody takes it now. What
 * the kernel itself sent cannot be queued by us: it goes as what kill sends. Any context. */
void sf_route_back(int tid, int signo, const siginfo_t *info)
{
    siginfo_t lent = *info;
    sf_info_lend(&lent);
    if (tid ? sys_tgsigqueue(sf_process.pid, tid, signo, &lent) == 0
            : SF_SYS(SYS_rt_sigqueueinfo, sf_process.pid, signo, &lent, 0, 0, 0) == 0)
        return;
    if (tid)
        sys_tgkill(sf_process.pid, tid, signo);
    else
        SF_SYS(SYS_kill, sf_process.pid, signo, 0, 0, 0, 0);
}

/* A signal has just been queued for one thread of ours by another. No signalfd shows it: tell the thread.
 * Any thread of the program. */
void sf_route_aim(struct sf_lane *target, int signo)
{
    siginfo_t internal = {.si_code = SI_TKILL, .si_pid = sf_process.pid};
    enum sf_replay policy = sf_route_policy(signo, &internal);
    int safe = policy == SF_REPLAY_SAFE || policy == SF_REPLAY_NOW;

    /* Before `unsure`: who looks because of that, perhaps as the handler ends that blocks it, knows where it came from. */
    if (safe)
        SF_OR(&target->aimed, SF_BIT(signo));
    SF_STORE(&target->unsure, 1);
    if (!SF_HAS(SF_LOAD(&sf_process.closed), signo) || SF_HAS(SF_LOAD(&target->eff), signo))
        return; /* the kernel delivers it through the direct door, or the program blocks it */
    if (safe)
        SF_OR(&target->safe_ok, SF_BIT(signo));
    target->look_since = sf_now();
    SF_OR(&target->look, SF_BIT(signo));
    SF_OR(&target->guard.work, SF_WORK_POINT | (SF_HAS(target->safe_ok, signo) ? SF_WORK_SAFE : 0));
    /* Parked with the gate open it has the signal already: a relay would only interrupt it twice. It set `point`
     * before it opened, and looks at `work` after it has cleared it, so it cannot miss both. */
    if (SF_LOAD(&target->point) && !SF_HAS(sf_process.nogate, signo))
        return;
    if (SF_HAS(target->safe_ok, signo) && (target->guard.inside == 0 || policy == SF_REPLAY_NOW))
        sf_relay_send(target, signo);
    sf_listener_poke(); /* it keeps the time */
}

/* From now on `signo` may be aimed at single threads by the kernel itself (a timer, a descriptor). */
void sf_route_aimed(int signo)
{
    struct sf_lane *lane = sf_lane_self();
    if (signo < 1 || signo >= SF_NSIG || SF_HAS(SF_OR(&sf_process.aimed, SF_BIT(signo)), signo))
        return;
    if (lane)
        lane->busy++;
    sf_lock(&sf_process.lock);
    sf_disposition_refresh();
    sf_unlock(&sf_process.lock);
    if (lane) {
        sf_busy_end(lane);
        sf_mask_heal(lane);
    }
}
