/* context: thread, handler
 *
 * Sending. To oneself: in place, before the call returns. To another thread of the process: through the kernel,
 * which queues it there, and then that thread is told to look, because no signalfd sees it.
 */
#include "hooks/number.h"

#include "engine/check.h"
#include "engine/event.h"
#include "engine/merge.h"
#include "hooks/hook.h"

static void fill(siginfo_t *info, int signo, int code)
{
    memset(info, 0, sizeof *info);
    info->si_signo = signo;
    info->si_code = code;
    info->si_pid = sf_process.pid;
    info->si_uid = (uid_t)SF_SYS(SYS_getuid, 0, 0, 0, 0, 0, 0);
}

/* raise and the functions of threads refuse those; kill and tgkill send them. */
static int libcs_own(int signo)
{
    return signo > 0 && signo < SF_NSIG && SF_HAS(SF_SET_LIBC, signo);
}

/* Is the calling thread to handle `signo` before its own sending of it returns? */
static int at_once(const struct sf_lane *lane, int signo)
{
    return signo >= 1 && signo < SF_NSIG && SF_HAS(sf_process.caught, signo) && !SF_HAS(lane->vmask, signo) &&
           sf_process.mode != SF_MODE_DIRECT;
}

/* Whoever observes `signo` may take what is about to be aimed at one thread. */
static int observer_takes(int signo, int code, union sigval value)
{
    return signo >= 1 && signo < SF_NSIG && __builtin_expect(SF_HAS(sf_observed, signo), 0) &&
           sf_observe_aimed(signo, code, value);
}

/* Does one of `signo` wait already? Real-time signals keep their order: another one goes behind it. */
static int one_waits(struct sf_lane *lane, int signo)
{
    if (SF_HAS(SF_LOAD(&lane->held) | SF_LOAD(&lane->look), signo) || sf_runner_before(signo))
        return 1;
    return SF_HAS(sys_sigpending(), signo);
}

/* May it do so on the spot? */
static int in_place(struct sf_lane *lane, int signo)
{
    return !sf_process.traced && at_once(lane, signo) && (signo < 34 || !one_waits(lane, signo));
}

/* The kernel has just queued it for the calling thread. */
static void let_in_own(struct sf_lane *lane, int signo)
{
    SF_STORE(&lane->unsure, 1);
    if (!at_once(lane, signo) || !SF_HAS(SF_LOAD(&sf_process.closed) | SF_LOAD(&lane->held), signo))
        return;
    SF_OR(&lane->look, SF_BIT(signo));
    sf_replay_waiting(lane, SF_BIT(signo));
}

/* A handler that the runner calls for another thread sends to itself: natively that thread did. */
static long to_target(const struct sf_lane *runner, int signo)
{
    struct sf_lane *target = &sf_lanes[runner->taken_for];
    long r = sys_tgkill(sf_process.pid, target->tid, signo);
    sf_relay_send(target, 0);
    return r;
}

/* To oneself, or to a thread of one's own. */
static void sends(struct sf_lane *lane, enum sf_send kind, int tid, int signo, uint64_t value)
{
    struct sf_sending s = {kind, sf_process.pid, tid, signo, value, 0};
    sf_event_send(lane, &s);
}

/* What the kernel makes of a plain send has merged, if so (`before`). */
static void merged(const struct sf_lane *lane, int signo, int code, uint64_t before)
{
    siginfo_t info;
    if (__builtin_expect(!before, 1))
        return;
    fill(&info, signo, code);
    sf_merge_after(lane, signo, &info, before);
}

SF_API int raise(int signo)
{
    struct sf_lane *lane = sf_lane_self();
    siginfo_t info;
    uint64_t merges;
    long r;
    if (observer_takes(signo, SI_TKILL, (union sigval){0}))
        return 0;
    if (!lane || libcs_own(signo))
        return REAL(raise)(signo);
    SF_CALLER(lane);
    sends(lane, SF_SEND_RAISE, lane->tid, signo, 0);
    if (in_place(lane, signo)) {
        fill(&info, signo, SI_TKILL);
        if (sf_place_raise(lane, signo, &info))
            return 0;
    }
    sf_mask_heal(lane);
    SF_STORE(&lane->unsure, 1);
    if (lane->is_runner)
        return sf_edge_int(to_target(lane, signo));
    merges = sf_merge_before(lane, signo, 0);
    r = sys_tgkill(sf_process.pid, lane->tid, signo);
    merged(lane, signo, SI_TKILL, merges);
    if (r == 0)
        let_in_own(lane, signo);
    return sf_edge_int(r);
}
SF_API int gsignal(int signo) __attribute__((alias("raise")));

/* After a send that may have reached the caller: if it does not block the signal and no other thread is to have
 * it, it has arrived when the call returns. */
void sf_send_arrived(struct sf_lane *lane, int signo)
{
    siginfo_t process = {.si_code = SI_USER};
    for (uint32_t i = 0; i < sf_lane_high; i++)
        if (sf_lanes[i].state == SF_LANE_LIVE)
            SF_STORE(&sf_lanes[i].unsure, 1);
    if (!at_once(lane, signo) || sf_route_main_wants(lane, signo, &process))
        return;
    sf_hands_wait();
    sf_mask_look(lane);
    sf_replay_waiting(lane, SF_BIT(signo));
}

SF_API int kill(pid_t pid, int signo)
{
    struct sf_lane *lane = sf_lane_self();
    struct sf_sending s = {SF_SEND_KILL, pid, 0, signo, 0, 0};
    siginfo_t info;
    uint64_t begun, merges;
    long r;
    if (!lane)
        return REAL(kill)(pid, signo);
    SF_CALLER(lane);
    begun = sf_event_send(lane, &s);
    if (pid == sf_process.pid && lane == sf_process.main && in_place(lane, signo)) {
        fill(&info, signo, SI_USER);
        if (sf_place_raise(lane, signo, &info))
            return 0;
    }
    if (pid == sf_process.pid || pid <= 0)
        sf_mask_heal(lane);
    if (sf_checking())
        sf_check_send(lane, pid, signo);
    merges = pid == sf_process.pid ? sf_merge_before(lane, signo, 1) : 0;
    r = SF_SYS(SYS_kill, pid, signo, 0, 0, 0, 0);
    merged(lane, signo, SI_USER, merges);
    sf_event_sent(lane, &s, begun, r);
    if (r == 0 && signo > 0 && (pid == sf_process.pid || pid <= 0))
        sf_send_arrived(lane, signo);
    return sf_edge_int(r);
}

SF_API int pidfd_send_signal(int fd, int signo, siginfo_t *info, unsigned flags)
{
    struct sf_lane *lane = sf_lane_self();
    struct sf_sending s = {SF_SEND_PIDFD, 0, 0, signo, 0, 0};
    uint64_t begun;
    long r;
    if (!lane)
        return REAL(pidfd_send_signal)(fd, signo, info, flags);
    SF_CALLER(lane);
    begun = sf_event_send(lane, &s);
    sf_mask_heal(lane);
    r = SF_SYS(SYS_pidfd_send_signal, fd, signo, info, flags, 0, 0);
    sf_event_sent(lane, &s, begun, r);
    if (r == 0 && signo > 0)
        sf_send_arrived(lane, signo); /* harmless when it was another process */
    return sf_edge_int(r);
}

SF_API int killpg(pid_t pgrp, int signo)
{
    if (pgrp < 0)
        return sf_edge_int(-EINVAL);
    SF_CALLER(sf_lane_self());
    return kill(-pgrp, signo);
}

SF_API int sigqueue(pid_t pid, int signo, const union sigval value)
{
    struct sf_lane *lane = sf_lane_self();
    struct sf_sending s = {SF_SEND_SIGQUEUE, pid, 0, signo, (uintptr_t)value.sival_ptr, 0};
    siginfo_t info;
    uint64_t begun, merges;
    long r;
    if (!lane)
        return REAL(sigqueue)(pid, signo, value);
    SF_CALLER(lane);
    begun = sf_event_send(lane, &s);
    fill(&info, signo, SI_QUEUE);
    info.si_value = value;
    if (pid == sf_process.pid && lane == sf_process.main && in_place(lane, signo) &&
        sf_place_raise(lane, signo, &info))
        return 0;
    if (pid == sf_process.pid)
        sf_mask_heal(lane);
    merges = pid == sf_process.pid ? sf_merge_before(lane, signo, 1) : 0;
    r = SF_SYS(SYS_rt_sigqueueinfo, pid, signo, &info, 0, 0, 0);
    sf_merge_after(lane, signo, &info, merges);
    sf_event_sent(lane, &s, begun, r);
    if (r == 0 && signo > 0 && pid == sf_process.pid)
        sf_send_arrived(lane, signo);
    return sf_edge_int(r);
}

/* To one thread of this process. 0 or -errno. */
static long to_thread(struct sf_lane *lane, int tid, int signo, siginfo_t *info)
{
    struct sf_lane *target;
    uint64_t merges;
    long r;
    if (info->si_code < 0)
        sf_info_aim(info);
    if (tid == lane->tid && in_place(lane, signo) && sf_place_raise(lane, signo, info))
        return 0;
    if (tid == lane->tid && lane->is_runner)
        return to_target(lane, signo);
    if (tid == lane->tid)
        sf_mask_heal(lane);
    merges = tid == lane->tid ? sf_merge_before(lane, signo, 0) : 0;
    if (info->si_code == SI_TKILL)
        r = sys_tgkill(sf_process.pid, tid, signo);
    else
        r = sys_tgsigqueue(sf_process.pid, tid, signo, info);
    sf_merge_after(lane, signo, info, merges);
    target = r == 0 && signo > 0 ? sf_lane_of_tid(tid) : NULL;
    if (target && target != lane)
        sf_route_aim(target, signo);
    if (target == lane)
        let_in_own(lane, signo);
    return r;
}

/* rt_tgsigqueueinfo by number. */
long sf_send_queued(struct sf_lane *lane, int pid, int tid, int signo, siginfo_t *info)
{
    siginfo_t copy;
    if (pid != sf_process.pid || signo < 1 || signo >= SF_NSIG || !sys_sigreadable(info) ||
        !sys_sigreadable((const char *)(info + 1) - 8))
        return sf_edge(sys_tgsigqueue(pid, tid, signo, info));
    copy = *info;
    copy.si_signo = signo;
    if (copy.si_code == SI_TKILL && tid != lane->tid)
        return sf_edge(sys_tgsigqueue(pid, tid, signo, info)); /* the kernel refuses it */
    return sf_edge(to_thread(lane, tid, signo, &copy));
}

SF_API int tgkill(pid_t tgid, pid_t tid, int signo)
{
    struct sf_lane *lane = sf_lane_self();
    siginfo_t info;
    if (__builtin_expect(sf_observed != 0, 0) && tgid == sf_process.pid && sys_tgkill(tgid, tid, 0) == 0 &&
        observer_takes(signo, SI_TKILL, (union sigval){0}))
        return 0;
    if (!lane || tgid != sf_process.pid)
        return REAL(tgkill)(tgid, tid, signo);
    SF_CALLER(lane);
    sends(lane, SF_SEND_TGKILL, tid, signo, 0);
    fill(&info, signo, SI_TKILL);
    return sf_edge_int(to_thread(lane, tid, signo, &info));
}

SF_API int pthread_kill(pthread_t t, int signo)
{
    struct sf_lane *lane = sf_lane_self(), *target;
    siginfo_t info;
    int r;
    if (__builtin_expect(sf_observed != 0, 0) && REAL(pthread_kill)(t, 0) == 0 &&
        observer_takes(signo, SI_TKILL, (union sigval){0}))
        return 0;
    if (!lane)
        return REAL(pthread_kill)(t, signo);
    SF_CALLER(lane);
    target = sf_tracing() ? sf_lane_of_thread(t) : NULL;
    sends(lane, SF_SEND_PTHREAD_KILL, target ? target->tid : 0, signo, 0);
    if (pthread_equal(t, lane->thread) && !libcs_own(signo)) {
        fill(&info, signo, SI_TKILL);
        return (int)-to_thread(lane, lane->tid, signo, &info);
    }
    /* libc knows whether that thread is still there. */
    r = REAL(pthread_kill)(t, signo);
    if (r == 0 && signo > 0 && (target = sf_lane_of_thread(t)))
        sf_route_aim(target, signo);
    return r;
}

SF_API int pthread_sigqueue(pthread_t t, int signo, const union sigval value)
{
    struct sf_lane *lane = sf_lane_self(), *target;
    siginfo_t info;
    int tid;
    if (__builtin_expect(sf_observed != 0, 0) && REAL(pthread_kill)(t, 0) == 0 && observer_takes(signo, SI_QUEUE, value))
        return 0;
    if (!lane || libcs_own(signo)) /* (EINVAL, as it has it) */
        return REAL(pthread_sigqueue)(t, signo, value);
    SF_CALLER(lane);
    target = pthread_equal(t, lane->thread) ? lane : sf_lane_of_thread(t);
    tid = target ? target->tid : 0; /* once: it goes back to 0 when that thread ends */
    sends(lane, SF_SEND_PTHREAD_SIGQUEUE, tid, signo, (uintptr_t)value.sival_ptr);
    if (tid <= 0)
        return REAL(pthread_sigqueue)(t, signo, value);
    fill(&info, signo, SI_QUEUE);
    info.si_value = value;
    return (int)-to_thread(lane, tid, signo, &info);
}

/* libc raises SIGABRT from inside: a handler would run under its lock. Ours runs here; if it returns, libc's abort
 * finds the default action. */
SF_API void abort(void)
{
    struct sf_lane *lane = sf_lane_self();
    if (lane) {
        struct sf_action act;
        sigset_t one;
        siginfo_t info;
        SF_CALLER(lane);
        sends(lane, SF_SEND_ABORT, lane->tid, SIGABRT, 0);
        sf_set_put(&one, SF_BIT(SIGABRT));
        sigprocmask(SIG_UNBLOCK, &one, NULL);
        sf_disposition_get(SIGABRT, &act);
        if (act.handler > 1) {
            struct sigaction dfl;
            fill(&info, SIGABRT, SI_TKILL);
            sf_place_raise(lane, SIGABRT, &info);
            memset(&dfl, 0, sizeof dfl);
            sigaction(SIGABRT, &dfl, NULL);
        }
    }
    REAL(abort)();
    __builtin_unreachable();
}

/* See engine/listener.c, private_table. */
SF_API int mq_notify(mqd_t q, const struct sigevent *ev)
{
    int r = REAL(mq_notify)(q, ev);
    for (int i = 0; r == 0 && ev && i < 8; i++) {
        int now = sf_process.notified[i], want = (int)q + 1;
        if (now == want)
            break;
        if (now == 0 && __atomic_compare_exchange_n(&sf_process.notified[i], &now, want, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
            break;
    }
    return r;
}
