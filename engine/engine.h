/* The path of a signal. Data moves only down this list; every piece of state has one owning file.
 *
 *   hooks/disposition.c   the program asks
 *   engine/disposition.c  what it believes is installed; which signals are routed
 *   engine/mask.c         virtual mask and kernel mask
 *   engine/listener.c     the one signalfd: woken by arrivals, looks, hands over
 *   engine/route.c        choose the thread and the replay point
 *   engine/lane.c         per-thread record
 *   engine/slot.c         ... and the slots in which held signals wait; offer.c: on their way through the kernel
 *   engine/relay.c        get the thread to look; the direct door
 *   engine/frame.c        ... and what is below a frame of it
 *   engine/settle.c       what the interrupted code goes on with
 *   engine/replay.c       call the program's handler
 *   engine/runner.c       ... on the runner thread
 *   engine/wakeup.c       which handlers only wake an event loop; reader.c: who reads what they write
 *   trace/ring.c          the record
 *
 * Beside it: engine/point.c, window.S and late.c (interruption points), patience.c and task.c (how long the listener lets a signal
 * wait), taken.c (what the program takes itself), merge.c (what merges), aimed.c (signals for one thread, from outside), place.c
 * (raise in place), process.c (fork, exec), step.c (stepping out), sandbox.c (seccomp), jump.c (siglongjmp, contexts).
 *
 * The one idea that keeps signals from being lost: the kernel's own queues are the queue. A signal leaves them
 * early only where staying would lose something (a second instance of a standard signal would merge with a
 * first one that natively had been handled already); it then sits in a slot, with its whole siginfo_t, and
 * goes back through the kernel (rt_tgsigqueueinfo to oneself) when its moment has come.
 */
#ifndef SF_ENGINE_ENGINE_H
#define SF_ENGINE_ENGINE_H

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

#include "base/lock.h"
#include "base/sigset.h"
#include "base/syscall.h"
#include "config/config.h"
#include "engine/frame.h"
#include "engine/guard.h"
#include "engine/offsets.h"
#include "trace/format.h"
#include "trace/ring.h"

#define SF_LANES 4096
#define SF_SLOTS 256
#define SF_HURRY 4   /* so many times shorter is patience when a second instance waits */
#define SF_ELATE 4093 /* sf_window: a handler ran before the kernel was entered */
#define SF_EWORK 4094 /* sf_window: something waits, the kernel was not entered */

/* Not CLONE_SYSVSEM, which would give the process a list of operations on semaphores to be undone, shared with us. */
#define SF_LISTENER_FLAGS \
    (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

#ifdef SF_JITTER /* tests: see jitter.c */
void sf_jitter(uint32_t seldom);
#else
#define sf_jitter(seldom) ((void)0)
#endif
#define SF_LOAD(p) ({ sf_jitter(7); __atomic_load_n((p), __ATOMIC_SEQ_CST); })
/* The same where many are looked through. */
#define SF_SCAN(p) ({ sf_jitter(255); __atomic_load_n((p), __ATOMIC_SEQ_CST); })
#define SF_STORE(p, v) ({ sf_jitter(7); __atomic_store_n((p), (v), __ATOMIC_SEQ_CST); })
#define SF_OR(p, v) ({ sf_jitter(7); __atomic_fetch_or((p), (v), __ATOMIC_SEQ_CST); })
#define SF_AND(p, v) ({ sf_jitter(7); __atomic_fetch_and((p), (v), __ATOMIC_SEQ_CST); })
#define SF_ADD(p, v) ({ sf_jitter(7); __atomic_fetch_add((p), (v), __ATOMIC_SEQ_CST); })

#include "engine/lane.h"

/* One call of sf_window, on the caller's stack. The offsets are known to arch/.../sf_stub.h. */
struct sf_call {
    long nr;          /* 0 */
    long a[6];        /* 8 */
    sf_set open;      /* 56: kernel mask while in the kernel */
    sf_set closed;    /* 64: and after */
    volatile uint32_t *work;  /* 72 */
    volatile uint32_t *point; /* 80 */
    uint32_t gate;     /* 88: open differs from closed */
    uint32_t restarts; /* 92: the kernel restarts it for SA_RESTART handlers */
    long result;       /* of sf_late */
};

/* The program's action for one signal. */
struct sf_action {
    uintptr_t handler; /* 0 SIG_DFL, 1 SIG_IGN */
    uint64_t flags;    /* as the program gave them */
    sf_set mask;
};

/* The process. Everything that threads share and that is not a lane, a slot or an action. */
struct sf_process {
    volatile uint32_t mode; /* enum sf_mode */
    volatile uint32_t lock; /* dispositions, start and stop of the listener */
    volatile sf_set caught;  /* has a handler of the program */
    volatile sf_set closed;  /* blocked in the kernel outside of points */
    volatile sf_set nogate;  /* and inside too: route = signalfd, or replayed by the runner */
    volatile sf_set doorbell;/* what the signalfd watches: all that was ever closed */
    volatile sf_set aimed;   /* timers and descriptors aim it at threads: comes through the direct door */
    volatile int notified[8]; /* message queues that mq_notify was called for, plus one; 0 free */
    volatile uint32_t deep;  /* every thread is parked, the listener does not even watch the bell, and must be called: rest.c */
    volatile sf_set watched; /* at SIG_DFL, but with our stub in the kernel: see watch.c */
    volatile uint32_t forking; /* a signal that comes may come in the child, before that has become itself */
    volatile sf_set ignored; /* SIGINT and SIGQUIT while a system() runs */
    volatile uint32_t hands; /* the listener holds, or may hold, something that is in no lane yet */
    volatile uint32_t leaving; /* threads about to exec: what they would take stays in the kernel, or it would be lost */
    volatile uint32_t walled; /* a seccomp filter refuses what a listener needs: start none */
    volatile uint32_t no_kill; /* ... or kill(2) */
    volatile uint32_t traced; /* by a debugger, which is to see what the program sends to itself: not in place */
    volatile uint32_t poked, pokes; /* looks of the listener; one more than they were when the last poke was sent */
    volatile uint32_t listener_gone; /* cleared while it lives; the kernel clears listener_tid */
    volatile int listener_tid;
    volatile uint64_t order;
    volatile uint32_t wrecked; /* handlers at work that describe a crash: no thread of ours is wanted */
    struct sf_lane *volatile main; /* the main thread's lane; one that takes nothing when that has ended */
    int pid;
    int relay[2]; /* without and with SA_RESTART */
    int copy;     /* si_errno of what sf_slot_offer queues: another number in every program, for exec passes it on */
    int started_once;
    struct sf_config config;
};

extern struct sf_process sf_process;
extern struct sf_lane sf_lanes[SF_LANES];
extern struct sf_slot sf_slots[SF_SLOTS];
extern volatile uint32_t sf_lane_high; /* lanes ever used */

/* disposition.c */
int sf_disposition_change(int signo, const struct sigaction *act, struct sigaction *old);
int sf_disposition_get(int signo, struct sf_action *out);
void sf_disposition_use(int signo, struct sf_action *act);
int sf_disposition_gone(int signo);
int sf_disposition_ignored(int signo);
void sf_disposition_refresh(void);
int sf_routable(int signo);

/* mask.c */
int sf_mask_change(int how, const sigset_t *set, sigset_t *old);
void sf_mask_set(struct sf_lane *lane, sf_set vmask);
sf_set sf_mask_closed(const struct sf_lane *lane);
sf_set sf_mask_open(const struct sf_lane *lane);
void sf_mask_heal(struct sf_lane *lane);
void sf_mask_heal_but(struct sf_lane *lane, sf_set stays);
void sf_mask_look(struct sf_lane *lane);
sf_set sf_mask_clean(sf_set kernel);
sf_set sf_mask_unrelayed(sf_set set);
sf_set sf_mask_kernel(const struct sf_lane *lane, sf_set mask);

/* listener.c */
int sf_listener_start(void);
void sf_listener_poke(void);
void sf_listener_stop(void);
void sf_hands_wait(void);

/* patience.c */
uint64_t sf_patience(uint64_t now);
static inline uint64_t sf_sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* window.S */
long sf_clone(unsigned long flags, void *stack_top, int *parent_tid, void *tls, int *child_tid, int (*fn)(void *), void *arg);

/* route.c */
enum sf_replay sf_route_policy(int signo, const siginfo_t *info);
struct sf_lane *sf_route_lane(int signo);
int sf_route_leaves(int signo);
void sf_route_back(int tid, int signo, const siginfo_t *info);
int sf_route_hand(struct sf_lane *lane, int signo, const siginfo_t *info, uint64_t since);
void sf_route_aim(struct sf_lane *target, int signo);
void sf_route_aimed(int signo);
void sf_route_to_main(int signo, const siginfo_t *info);
int sf_route_main_wants(const struct sf_lane *self, int signo, const siginfo_t *info);

/* lane.c */
struct sf_lane *sf_lane_new(void);
void sf_lane_begin(struct sf_lane *lane, sf_set vmask);
void sf_lane_hand_on(struct sf_lane *lane);
void sf_lane_end(struct sf_lane *lane);
void sf_lane_only(struct sf_lane *self);
struct sf_lane *sf_lane_of_thread(pthread_t thread);
struct sf_lane *sf_lane_of_tid(int tid);
void sf_work_update(struct sf_lane *lane);
extern struct sf_guard sf_idle_guard;

/* slot.c */
int sf_slot_crowded(const struct sf_lane *lane, int signo);
int sf_slot_put(struct sf_lane *lane, int signo, const siginfo_t *info, uint64_t since);
int sf_slot_put_for(struct sf_lane *lane, const struct sf_lane *target, int waits, int signo, const siginfo_t *info,
                    uint64_t since);
int sf_slot_take(struct sf_lane *lane, sf_set which, siginfo_t *info, uint64_t *since);
struct sf_slot *sf_slot_claim(struct sf_lane *lane, sf_set which);
void sf_slot_free(struct sf_lane *lane, struct sf_slot *s);
void sf_slot_unoffer(struct sf_lane *lane, int signo);
int sf_slot_put_back(struct sf_lane *lane, int signo, const siginfo_t *info, uint64_t since);
int sf_slot_peek(const struct sf_lane *lane, sf_set which);
void sf_slot_discard(const struct sf_lane *self, int signo);
void sf_slot_adopt(struct sf_lane *lane);
void sf_slot_forget(void);

/* offer.c */
void sf_slot_return_all(struct sf_lane *lane);
void sf_slot_let(struct sf_lane *lane, sf_set which);
void sf_slot_came(struct sf_lane *lane, int signo, siginfo_t *info);
int sf_slot_offer(struct sf_lane *lane, sf_set which);
int sf_slot_next(struct sf_lane *lane, int signo, siginfo_t *info);

static inline struct sf_lane *sf_lane_raw(void)
{
    struct sf_guard *g = sigferry_guard;
    return g == &sf_idle_guard ? NULL : (struct sf_lane *)(void *)g; /* (0 where libc did not make the block) */
}
/* A thread or process that shares our memory was made by a bare clone. It may have another thread's pointer, or none: from
 * then on that alone does not tell who runs. */
extern volatile uint32_t sf_beside;

/* The lane of the calling thread; NULL where we keep out: no lane, or somebody else borrows the thread's. */
static inline struct sf_lane *sf_lane_self(void)
{
    struct sf_lane *lane = sf_lane_raw();
    if (!lane || (lane->vfork | lane->strict))
        return NULL;
    return __builtin_expect(sf_beside, 0) && lane->tid != sys_gettid() ? NULL : lane;
}

/* Is this another process, which only shares our memory? Its dispositions and signals are its own. */
static inline int sf_process_other(void)
{
    return __builtin_expect(sf_beside, 0) && sys_getpid() != sf_process.pid;
}

/* finding.c */
extern uint32_t sf_watch_all; /* SF_GUARD_WATCH outside of handlers, too */
/* What number n of the guards means; never NULL. */
const struct sf_guarded *sf_guarded(uint32_t n);

/* The thread is inside this guarded function, or 0: none. In a handler the guards tell of the next one. */
static inline void sf_guard_mark(struct sf_lane *lane, uint32_t inside)
{
    uint32_t flags = lane->frame || lane->is_runner ? SF_GUARD_WATCH : sf_watch_all;
    lane->guard.inside = inside;
    lane->guard.flags = flags;
}

/* frame.c, entry.S */
#define SF_OURS_BUSY 1  /* the interrupted code is the engine, in the middle of something */
#define SF_OURS_ENTRY 2 /* ... a frame of ours that has not begun */
void sf_stub(int signo, siginfo_t *info, void *uc);
void sf_relay(int signo, siginfo_t *info, void *uc);
ucontext_t *sf_frame_interrupted(ucontext_t *uc);
int sf_frame_ours(const struct sf_lane *lane, const ucontext_t *uc);
const ucontext_t *sf_frame_program(const ucontext_t *uc, sf_set *adds);

/* relay.c */
void sf_relay_install(void);
void sf_relay_send(struct sf_lane *lane, int signo);
void sf_relay_wake(struct sf_lane *lane, int signo);
void sf_relay_forget(struct sf_lane *lane);

/* settle.c */
void sf_settle(struct sf_lane *lane, ucontext_t *uc, sf_set orig, int ours);
void sf_settle_call(struct sf_lane *lane, ucontext_t *uc);
void sf_rewind_call(struct sf_lane *lane, ucontext_t *uc);

/* replay.c */
void sf_replay(struct sf_lane *lane, int signo, siginfo_t *info, ucontext_t *uc, int ours, enum sf_counter at);
void sf_window_end_early(struct sf_lane *lane, ucontext_t *uc);
void sf_busy_end(struct sf_lane *lane);
void sf_replay_waiting(struct sf_lane *lane, sf_set which);
void sf_replay_due(struct sf_lane *lane, int signo);
void sf_replay_to_runner(struct sf_lane *lane, int signo);
void sf_replay_native(int signo, siginfo_t *info, ucontext_t *uc);
void sf_frame_push(struct sf_lane *lane, struct sf_frame *frame, int signo, const ucontext_t *uc);
void sf_frame_pop(struct sf_lane *lane, struct sf_frame *frame);
int sf_requeue(struct sf_lane *lane, int signo, siginfo_t *info);

/* place.c */
int sf_place_raise(struct sf_lane *lane, int signo, siginfo_t *info);
int sf_context_get(ucontext_t *uc);

/* late.c */
int sf_late(struct sf_call *call);
#define SF_LATE_GO 1   /* make the call: it will not sleep */
#define SF_LATE_EINTR 2 /* it would sleep */
#define SF_LATE_DONE 3 /* made; result in call->result */

/* point.c */
#define SF_RESTARTS 1u
#define SF_CANCELS 2u
long sf_point(unsigned flags, const sf_set *temp, long nr, const long a[6]);
void sf_count_elsewhere(struct sf_lane *lane);
long sf_window(struct sf_call *call);
int sf_soft_enter(struct sf_lane *lane);
void sf_soft_leave(struct sf_lane *lane);
extern const char sf_window_begin[], sf_window_opened[], sf_window_syscall[], sf_window_after[], sf_window_closed[],
    sf_window_eintr[], sf_window_refused[], sf_window_end[];

/* Is there anything for which calls must go through a point? Cheap; called by every blocking hook. */
static inline struct sf_lane *sf_point_lane(void)
{
    struct sf_lane *lane;
    if (!sf_process.caught)
        return NULL;
    lane = sf_lane_self();
    return lane;
}

/* process.c */
void sf_process_begin(char **envp);
void sf_process_child(void);
int sf_process_unborn(int signo, const siginfo_t *info, ucontext_t *uc);
void sf_process_direct(enum sf_failure why, int error);
void sf_process_undirect(void);
void sf_process_ferry(void);
void sf_leave_begin(struct sf_lane *lane);
void sf_leave_failed(struct sf_lane *lane);
void sf_copy_begin(struct sf_lane *lane);
void sf_copy_end(struct sf_lane *lane);
void sf_process_beside(struct sf_lane *lane);
void sf_process_beside_over(struct sf_lane *lane);

/* step.c */
int sf_process_threads(void);
void sf_process_thread_exits(struct sf_lane *lane);
void sf_process_ends(void);
int sf_step_out(void);
uint32_t sf_step_out_of_crash(struct sf_lane *lane, int signo, int flags);
void sf_step_in_after_crash(struct sf_lane *lane, uint32_t token);
void sf_step_in(int token);

/* sandbox.c */
struct sock_fprog;
int sf_sandbox_enter(struct sf_lane *lane, const struct sock_fprog *filter, int all);
void sf_sandbox_done(struct sf_lane *lane, int token, int failed);

/* runner.c */
int sf_runner_hand(struct sf_lane *lane, int signo, const siginfo_t *info, uint64_t since);
void sf_runner_wait(struct sf_lane *lane);
void sf_runner_drain(const struct sf_lane *lane);
int sf_runner_wants(int signo, const struct sf_lane *lane);
int sf_runner_has(int signo);
int sf_runner_is_over(const struct sf_lane *lane, int signo);
int sf_runner_before(int signo);
void sf_runner_last(void);
void sf_runner_start_if_wanted(void);
void sf_runner_forget(void);
void sf_runner_stop(void);
int sf_runner_full(int signo);
int sf_runner_runs(void);
void sf_runner_want(void);
sf_set sf_runner_first(const struct sf_lane *lane);
sf_set sf_runner_crowded(struct sf_lane *lane, sf_set waiting);

#define SF_RUNNER_WANTED 1 /* something asked for it, and no thread has started it yet */
extern volatile uint32_t sf_runner_wanted;
static inline int sf_runner_is_wanted(void)
{
    return __builtin_expect(sf_runner_wanted == SF_RUNNER_WANTED, 0);
}

/* wakeup.c: handlers that only write to a descriptor */
void sf_wakeup_watch(struct sf_lane *lane);
void sf_wakeup_saw(int fd);
int sf_wakeup_lock(struct sf_lane *lane, int fd);
void sf_wakeup_other(void);
void sf_wakeup_never(int signo);
void sf_wakeup_judge(struct sf_lane *lane, int signo, uintptr_t handler);
int sf_wakeup_is(int signo);
int sf_wakeup_known(int signo);
int sf_wakeup_broke(int signo);
sf_set sf_wakeup_blocks(void);
sf_set sf_wakeup_blocking(void);

/* reader.c: who reads what a recognised handler has written */
extern volatile sf_set sf_reader_unread; /* signals whose wake-up is not read yet */
void sf_reader_wrote(int signo, int fd, uint64_t since);
void sf_reader_read(const struct sf_lane *lane, int fd);

/* observe.c: what libsigferry-client has asked to be told of. Handler and runner context, but for changed. */
extern volatile sf_set sf_observed;
void sf_observe_arrived(int signo, const siginfo_t *info);
void sf_observe_changed(int signo);
int sf_observe_aimed(int signo, int code, union sigval value);

/* watch.c */
void sf_watch_begin(void);
void sf_watch_change(int signo, const struct sigaction *act, struct sigaction *k);
void sf_watch_fire(struct sf_lane *lane, int signo, siginfo_t *info);

/* jump.c */
void sf_jump_unwind(struct sf_lane *lane, uintptr_t sp);
void sf_jump_arrive(struct sf_lane *lane);

#include "engine/info.h"

#endif
