/* context: listener
 *
 * The helper thread. Its signalfd is a doorbell: the kernel wakes every reader of a signalfd when a signal is
 * sent, but nothing is taken out by waiting. Only then it looks which signals pend (rt_sigpending), and takes
 * (rt_sigtimedwait, so the siginfo_t is whole) exactly those that no parked thread is about to receive from the
 * kernel itself. While something may be in its hands, `hands` is set, and whoever leaves an interruption point
 * waits for it: what came before an event is handled before the program sees the event.
 *
 * The thread is made by clone, not by pthread_create: libc does not count it, so the process still ends with
 * the last thread of the program. It has no TLS of the program's, no errno, and calls no libc function that
 * could want either.
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/prctl.h>

#include "engine/aimed.h"
#include "engine/engine.h"
#include "engine/event.h"
#include "engine/rest.h"
#include "engine/taken.h"
#include "engine/task.h"
#include "engine/timer.h"

#define GATE_GRACE_NS 50000 /* how long a parked thread has to take what the kernel offers it */

static char stack[32768] __attribute__((aligned(64)));
/* Stands where a thread pointer must point: nothing of ours uses it, but a zeroed block makes sure that a
 * stray access hurts nobody. */
static char tls[8192] __attribute__((aligned(64)));
static int bell_fd, epoll_fd;
static sf_set bell_mask;

/* ---- the private descriptor table ---- */

#define MQUEUE_MAGIC 0x19800202

/* Closing a copy of a message queue's descriptor takes back the mq_notify registration of its process, which we are
 * part of. Such a copy stays; it does no more than keep the queue itself. (Other things that hang on closing, like
 * record locks, belong to a descriptor table, and this one has none.) */
static int is_notified(int fd)
{
    struct {
        long type, rest[31];
    } fs;
    return SF_SYS(SYS_fstatfs, fd, &fs, 0, 0, 0, 0) == 0 && fs.type == MQUEUE_MAGIC;
}

static long private_table(void)
{
    unsigned from = 0;
    long err = SF_SYS(SYS_unshare, CLONE_FILES, 0, 0, 0, 0, 0);
    if (err)
        return err;
    for (;;) {
        unsigned keep = ~0u;
        for (int i = 0; i < 8; i++) {
            unsigned fd = (unsigned)sf_process.notified[i] - 1;
            if (fd >= from && fd < keep && is_notified((int)fd))
                keep = fd;
        }
        if (keep > from)
            SF_SYS(SYS_close_range, from, keep == ~0u ? keep : keep - 1, 0, 0, 0, 0);
        if (keep == ~0u)
            return 0;
        from = keep + 1;
    }
}

static long open_bell(void)
{
    struct epoll_event ev = {.events = EPOLLIN | EPOLLET};
    long err = private_table();
    if (err)
        return err;
    bell_mask = SF_LOAD(&sf_process.doorbell) | SF_BIT(sf_process.relay[0]);
    bell_fd = (int)SF_SYS(SYS_signalfd4, -1, &bell_mask, 8, O_CLOEXEC | O_NONBLOCK, 0, 0);
    if (bell_fd < 0)
        return bell_fd;
    epoll_fd = (int)SF_SYS(SYS_epoll_create1, O_CLOEXEC, 0, 0, 0, 0, 0);
    if (epoll_fd < 0)
        return epoll_fd;
    /* Edge-triggered: a signal that is rightly left pending must not keep us awake. */
    return SF_SYS(SYS_epoll_ctl, epoll_fd, EPOLL_CTL_ADD, bell_fd, &ev, 0, 0);
}

/* ---- one look at what pends ---- */

static sf_set told; /* blocked by all threads, and the trace knows */

/* All threads block it: it is where it belongs. But who unblocks it must know that it is there. */
static void leave_blocked(int signo)
{
    if (!SF_HAS(told, signo))
        sf_event_blocked(signo);
    told |= SF_BIT(signo);
    for (uint32_t i = 0; i < sf_lane_high; i++)
        if (sf_lanes[i].state == SF_LANE_LIVE)
            SF_STORE(&sf_lanes[i].unsure, 1);
}

/* No handler any more: the kernel is to act by default, on a thread that lets it. */
static void leave_to_default(struct sf_lane *lane, int signo, const struct sf_action *act)
{
    siginfo_t info;
    sf_set one = SF_BIT(signo);
    if (act->handler == (uintptr_t)SIG_IGN) {
        sys_sigtake(&one, &info);
        return;
    }
    sf_event_default(lane, signo, NULL);
    sf_relay_send(lane, signo); /* settles its mask, in which the signal is no longer closed */
}

/* One pending signal. Returns 1 if it was left to a parked thread and must be looked at again soon. */
static int hand_over(int signo, int grace_is_over)
{
    struct sf_lane *lane = sf_route_lane(signo);
    struct sf_action act;
    sf_set one = SF_BIT(signo);
    siginfo_t info;

    if (!lane) {
        leave_blocked(signo);
        /* Whoever has unblocked it meanwhile stored its mask, then looked at `unsure`; we the other way round. Else neither
         * would see it, and behind a gate that is kept closed it stayed there until the next signal. */
        lane = sf_route_lane(signo);
        if (!lane)
            return 0;
    }
    if (sf_route_leaves(signo) || (SF_LOAD(&lane->point) && SF_HAS(SF_LOAD(&lane->takes), signo)))
        return 0;
    sf_disposition_get(signo, &act);
    if (SF_HAS(sf_process.ignored, signo))
        act.handler = (uintptr_t)SIG_IGN;
    if (act.handler <= 1) {
        leave_to_default(lane, signo, &act);
        return 0;
    }
    /* (A gate that is kept closed is open for what only a temporary mask lets in.) */
    if (SF_LOAD(&lane->point) && (!SF_HAS(sf_process.nogate, signo) || SF_HAS(lane->vmask, signo)) && !grace_is_over)
        return 1;
    if (signo >= 34 || sf_slot_crowded(lane, signo)) {
        /* Real-time signals do not merge; of a standard signal enough wait, and natively they had merged, too. They wait in
         * the kernel's queue, in order, and the thread opens. */
        if (SF_HAS(SF_OR(&lane->look, one), signo))
            SF_OR(&lane->hurry, one);
        else
            lane->look_since = sf_now();
        if (sf_route_policy(signo, NULL) == SF_REPLAY_SAFE || sf_route_policy(signo, NULL) == SF_REPLAY_NOW)
            SF_OR(&lane->safe_ok, one);
        SF_OR(&lane->guard.work, SF_WORK_POINT | (lane->safe_ok & one ? SF_WORK_SAFE : 0));
        if (SF_LOAD(&lane->point))
            sf_relay_send(lane, signo);
        return 0;
    }
    if (sf_runner_wants(signo, lane) && sf_runner_full(signo))
        return 0; /* it pokes us when it takes more; meanwhile the kernel merges, as while the handler blocks */
    if (sys_sigtake(&one, &info) != signo)
        return 0; /* somebody was faster */
    sf_event_arrive(lane, signo, &info, 1);
    if (sf_runner_wants(signo, lane) && sf_runner_hand(lane, signo, &info, sf_now()) == 0)
        return 0;
    if (sf_route_hand(lane, signo, &info, sf_now()) != 0)
        sf_route_back(lane->tid, signo, &info);
    return 0;
}

/* ---- the loop ---- */

/* Everything that pends now; `rang`: the bell did, or may have. Returns when to look again (ns), ~0: when it rings. */
static uint64_t look(int *grace, int rang)
{
    sf_set pending, own = SF_BIT(sf_process.relay[0]), bell;
    siginfo_t info = {0}; /* (valgrind does not see the kernel fill it) */
    int left = 0;
    uint64_t now, again;

    /* Before the first take: see sf_hands_wait. */
    SF_STORE(&sf_process.hands, 1);
    while (sys_sigtake(&own, &info) > 0) /* pokes */
        if (sf_timer_is_tick(&info))
            sf_aimed_tick();
    /* Whoever poked before this line is seen by what follows, whoever does it later sends again. */
    SF_ADD(&sf_process.poked, 1);
    bell = SF_LOAD(&sf_process.doorbell) | own | sf_aimed_token() | sf_taken_bell();
    if (bell_mask != bell) {
        bell_mask = bell;
        SF_SYS(SYS_signalfd4, bell_fd, &bell_mask, 8, 0, 0, 0);
    }
    sf_taken_look();
    pending = sys_sigpending();
    told &= pending;
    for (pending &= SF_LOAD(&sf_process.doorbell); pending; pending &= pending - 1)
        left |= hand_over(sf_set_first(pending), *grace > 20);
    now = sf_now();
    again = sf_aimed_look(now, rang);
    again = sf_sooner(again, sf_patience(now));
    if (__atomic_exchange_n(&sf_process.hands, 0, __ATOMIC_SEQ_CST) > 1)
        sys_futex_wake(&sf_process.hands, 1 << 30);
    if (sf_tracing())
        sf_sender_answer();
    *grace = left ? *grace + 1 : 0;
    return left ? sf_sooner(again, now + GATE_GRACE_NS) : again;
}

static int coarse; /* there is no epoll_pwait2, and valgrind complains each time that it is asked for */

/* Until the bell rings, or `until`. Returns 1 when it has been quiet for a while. */
static int wait_for_bell(uint64_t until)
{
    struct epoll_event ev;
    struct timespec t, *tp = NULL;
    long n;
    if (until != ~(uint64_t)0) {
        uint64_t now = sf_now(), ns = until > now ? until - now : 0;
        t.tv_sec = (time_t)(ns / 1000000000u);
        t.tv_nsec = (long)(ns % 1000000000u);
        tp = &t;
    }
    n = coarse ? -ENOSYS : SF_SYS(SYS_epoll_pwait2, epoll_fd, &ev, 1, tp, 0, 0);
    if (n == -ENOSYS) {
        coarse = 1;
        n = SF_SYS(SYS_epoll_wait, epoll_fd, &ev, 1, tp ? 1 + t.tv_nsec / 1000000 + t.tv_sec * 1000 : -1, 0, 0);
    }
    return n == 0;
}

static int listener(void *unused)
{
    int grace = 0;
    long err;

    (void)unused;
    SF_SYS(SYS_prctl, PR_SET_NAME, "sigferry", 0, 0, 0, 0);
    SF_SYS(SYS_prctl, PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0, 0); /* the clock: that it faults is inherited */
    err = sf_process.config.fault == SF_FAULT_SIGNALFD ? -EMFILE : open_bell();
    if (err) {
        sf_process_direct(SF_FAIL_SIGNALFD, (int)-err);
        SF_SYS(SYS_exit, 0, 0, 0, 0, 0, 0);
    }
    sf_rest_start();
    sf_aimed_start();
    if (sf_task_traced())
        SF_STORE(&sf_process.traced, 1);
    for (uint64_t again = 0; !SF_LOAD(&sf_process.listener_gone);) {
        int silent, idle = again == ~(uint64_t)0 && sf_rest_may();
        uint64_t direct = sigferry_status.counter[SF_COUNT_DIRECT];
        silent = idle && !sf_rest_after() ? 1 : wait_for_bell(idle ? sf_now() + sf_rest_after() : again);
        if (silent && idle && sf_rest_may())
            sf_rest();
        else if (idle)
            sf_rest_disturbed(direct);
        again = look(&grace, !silent);
        if (sf_process.config.fault == SF_FAULT_DEATH && sigferry_status.counter[SF_COUNT_ARRIVED] > 2)
            break;
    }
    SF_SYS(SYS_exit, 0, 0, 0, 0, 0, 0);
    return 0;
}

/* Start it. 0 or -errno. Thread context, with the lock held. */
int sf_listener_start(void)
{
    sf_set all = ~(sf_set)0, old; /* faults too: one that is sent, and that the program blocks, is to stay pending */
    void **self = (void **)(void *)(tls + sizeof tls / 2);
    long tid;

    if (sf_process.config.fault == SF_FAULT_CLONE)
        return -EAGAIN;
    self[0] = self;
    self[2] = self;
    sf_timers_stop(); /* those of one that has died by itself ring for nobody */
    sf_process.listener_gone = 0;
    sf_process.hands = 0;
    sf_process.deep = 0;
    SF_ADD(&sf_process.poked, 1);
    /* It inherits the caller's mask, and must never be chosen for a signal. */
    sys_sigprocmask(SIG_SETMASK, &all, &old);
    tid = sf_clone(SF_LISTENER_FLAGS, stack + sizeof stack, (int *)&sf_process.listener_tid, self, (int *)&sf_process.listener_tid,
                   listener, NULL);
    sys_sigprocmask(SIG_SETMASK, &old, NULL);
    if (tid < 0) {
        sf_process.listener_tid = 0;
        return (int)tid;
    }
    sigferry_status.listener_tid = (int)tid;
    return 0;
}

/* Wake it: there is something to time, or to watch. Any context, any thread. */
void sf_listener_poke(void)
{
    uint32_t poked = SF_LOAD(&sf_process.poked); /* before the thread: a new one begins with another number */
    int tid = sf_process.listener_tid;
    /* One at a time: pokes queue. Noted when it has been sent, as in sf_relay_send: a handler may jump out of here. */
    if (tid <= 0 || SF_LOAD(&sf_process.pokes) == poked + 1)
        return;
    if (sys_tgkill(sf_process.pid, tid, sf_process.relay[0]) == 0)
        SF_STORE(&sf_process.pokes, poked + 1);
    else
        sf_timer_alarm(1); /* the user's queue is full, but the timer has its place in it */
}

/* Have it end, and wait until it has. Thread context, with the lock held. */
void sf_listener_stop(void)
{
    int tid;
    SF_STORE(&sf_process.listener_gone, 1);
    while ((tid = SF_LOAD(&sf_process.listener_tid)) > 0) {
        static const struct timespec t = {0, 10000000};
        sf_listener_poke();
        /* The kernel clears the word and wakes it (not as a private futex) when the thread ends. */
        SF_SYS(SYS_futex, &sf_process.listener_tid, 0 /* WAIT */, tid, &t, 0, 0);
        /* The word is cleared a moment before the thread leaves its process, and unshare counts threads. */
        if (!SF_LOAD(&sf_process.listener_tid))
            while (sys_tgkill(sf_process.pid, tid, 0) != -ESRCH)
                SF_SYS(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
    }
    sf_timers_stop();
    sigferry_status.listener_tid = 0;
}

/* Leave an interruption point only when the listener's hands are empty. A signal that came before the event we
 * are about to report is either handled, or pending (and our gate was open), or it was taken by the listener,
 * which set `hands` before it took it. Thread context. */
void sf_hands_wait(void)
{
    static const struct timespec limit = {0, 5000000};
    int late = 0;
    for (int i = 0; i < 100 && SF_LOAD(&sf_process.hands); i++)
        sf_relax();
    while (SF_LOAD(&sf_process.hands) && SF_LOAD(&sf_process.listener_tid)) {
        uint32_t one = 1;
        __atomic_compare_exchange_n(&sf_process.hands, &one, 2, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
        /* It never waits for us, but it may itself be waiting for a processor. */
        if (sys_futex_wait(&sf_process.hands, 2, &limit) == -ETIMEDOUT && ++late > 200)
            break;
    }
}
