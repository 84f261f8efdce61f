/* context: runner (its thread), thread (start), listener and handler (handing over)
 *
 * The runner: a thread with the program's descriptor table and a thread pointer of libc's own making, on which
 * handlers are replayed whose place does not matter: replay = helper (while the target is held in its point),
 * helper-concurrent, and by itself those recognised as set_wakeup_fd-style.
 */
#include "engine/event.h"
#include "engine/jump.h"
#include "libc/libc.h"

typedef void (*handler_fn)(int, siginfo_t *, void *);

static struct sf_lane *runner; /* NULL: not running */
volatile uint32_t sf_runner_wanted; /* WANTED... */
static volatile uint32_t work, started;
enum { NOBODY, WANTED = SF_RUNNER_WANTED, STARTED, TO_END, FAILED };
#define wanted sf_runner_wanted
static volatile uint32_t queued[SF_NSIG]; /* 0: in all */

int sf_runner_runs(void)
{
    return SF_LOAD(&runner) != NULL;
}

/* Only one thread takes the step: two runners would each sleep while the work of the other is theirs. */
static int becomes(uint32_t from, uint32_t to)
{
    return __atomic_compare_exchange_n(&wanted, &from, to, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

/* There is something for it to do: the next thread that passes a point starts it. Any context. */
void sf_runner_want(void)
{
    becomes(NOBODY, WANTED);
}

/* ---- handing over ---- */

/* Must `signo` go to the runner even where it could run in its thread? While earlier ones wait there it would overtake
 * them, and run at the same time as they do: also if one of them was just seen to break the pattern. Any context. */
int sf_runner_before(int signo)
{
    if (!SF_LOAD(&runner))
        return 0;
    return SF_LOAD(&queued[signo]) || (!sf_wakeup_broke(signo) && sf_route_policy(signo, NULL) == SF_REPLAY_CONCURRENT);
}

/* Is it at one of these, or has one yet to do? Any context. */
int sf_runner_has(int signo)
{
    return SF_LOAD(&queued[signo]) != 0;
}

/* exec is the end of the runner. It gets nothing more then, and what it has not got by now runs in the thread that calls
 * exec. Any context. */
int sf_runner_is_over(const struct sf_lane *lane, int signo)
{
    return lane->leaving && !SF_LOAD(&queued[signo]);
}

/* Is `signo`, to be handled by `lane`, one for the runner? Any context. */
int sf_runner_wants(int signo, const struct sf_lane *lane)
{
    enum sf_replay policy = sf_route_policy(signo, NULL);
    if (sf_runner_is_over(lane, signo))
        return 0;
    if (sf_runner_before(signo))
        return 1;
    if (!SF_LOAD(&runner) || sf_wakeup_broke(signo))
        return 0;
    if (policy == SF_REPLAY_POINT && sf_wakeup_is(signo))
        return 1;
    return policy == SF_REPLAY_HELPER && SF_LOAD(&lane->point) == SF_POINT_WINDOW;
}

/* At most half of the slots in all: a thread must always find one for what comes to it at a bad moment. */
#define QUEUE_LIMIT (SF_SLOTS / 2)

static uint32_t queue_limit(int signo)
{
    return signo < 34 ? 8 : 64;
}

static void queue_clear(void)
{
    for (int s = 0; s < SF_NSIG; s++)
        SF_STORE(&queued[s], 0);
}

/* Enough of `signo` waits there already, or it has moved back in-thread, or an exec is about to end the runner. A standard
 * signal then stays in the kernel, and merges. Any context. */
int sf_runner_full(int signo)
{
    return SF_LOAD(&sf_process.leaving) || sf_wakeup_broke(signo) || SF_LOAD(&queued[signo]) >= queue_limit(signo) || SF_LOAD(&queued[0]) >= QUEUE_LIMIT;
}

/* Those of `waiting` that can only wait on: they are the runner's, and it has enough of them. It asks for more when it
 * is done with one; until then the thread must be free to sleep (it may be the one that empties the full pipe in which
 * the runner waits). Any context. */
sf_set sf_runner_crowded(struct sf_lane *lane, sf_set waiting)
{
    sf_set out = 0;
    if (!SF_LOAD(&runner))
        return 0;
    for (; waiting; waiting &= waiting - 1) {
        int signo = sf_set_first(waiting);
        if (sf_runner_full(signo) && sf_runner_wants(signo, lane))
            out |= SF_BIT(signo);
    }
    return out;
}

/* One less, and what it was. Never below zero: one that was on its way to a runner that ended waits in the lane, which the next
 * runner has, too; that has cleared the counts, then finds it. */
static uint32_t lower(volatile uint32_t *count)
{
    uint32_t was = SF_LOAD(count);
    while (was && !__atomic_compare_exchange_n(count, &was, was - 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
        ;
    return was;
}

/* One of `signo` is done with. Whoever found the queue full has left a signal in the kernel, where more of its kind
 * merge without ringing the bell again: the listener must be told, and it is the count *before* that tells whether
 * somebody may have found it full since this one began. */
static void takes_more(int signo, struct sf_lane *target)
{
    uint32_t of_it = lower(&queued[signo]), in_all = lower(&queued[0]);
    if (of_it && of_it < queue_limit(signo) && in_all && in_all < QUEUE_LIMIT && !sf_wakeup_broke(signo))
        return;
    SF_STORE(&target->unsure, 1);
    SF_OR(&target->guard.work, SF_WORK_POINT);
    sf_listener_poke();
}

/* Give one signal of `lane` to the runner; the lane does not leave its point before the handler has returned.
 * 0, or -EAGAIN. Any context. */
int sf_runner_hand(struct sf_lane *lane, int signo, const siginfo_t *info, uint64_t since)
{
    struct sf_lane *r = SF_LOAD(&runner);
    /* Nobody waits for one that may sleep until that very thread has read. Asked once, and kept with the signal:
     * the answer may change before it is handled, and the count would never come back to 0. */
    int waits = !SF_HAS(sf_wakeup_blocks(), signo);
    if (!r || sf_runner_full(signo))
        return -EAGAIN;
    if (waits)
        SF_ADD(&lane->runner_holds, 1);
    SF_ADD(&queued[0], 1);
    SF_ADD(&queued[signo], 1); /* before the slot: the runner may be done with it before we get on */
    /* The thread blocks (eff), then looks at runner_holds; we the other way round. Either it waits for us, or we see
     * that it has begun a section in which no handler may run. */
    if (SF_HAS(SF_LOAD(&lane->eff), signo) || sf_slot_put_for(r, lane, waits, signo, info, since) != 0) {
        if (waits)
            SF_ADD(&lane->runner_holds, -1u);
        takes_more(signo, lane);
        return -EAGAIN;
    }
    SF_ADD(&work, 1);
    sys_futex_wake(&work, 1);
    return 0;
}

/* For a second at the most. Was it above zero? (In steps: not everybody who lowers it wakes us.) */
static int await_zero(volatile uint32_t *word)
{
    static const struct timespec step = {0, 1000000};
    uint64_t until = 0;
    uint32_t n;
    while ((n = SF_LOAD(word)) != 0) {
        uint64_t now = sf_now();
        if (!until)
            until = now + 1000000000;
        if (now > until)
            break;
        sys_futex_wait(word, n, &step);
    }
    return until != 0;
}

/* The thread stays in its point until the runner has done its work for it. A handler that blocks (a full pipe
 * that this very thread is to drain) must not hold it for ever: after the limit it goes on. */
void sf_runner_wait(struct sf_lane *lane)
{
    int waited = !lane->is_runner && await_zero(&lane->runner_holds);
    if (lane->jump)
        sf_jump_arrive(lane); /* out of the handler that it ran for us: does not return */
    if (waited)
        sf_mask_heal(lane); /* it may have set a signal to SIG_DFL and raised it: that acts now */
}

/* Until it has done all its work, for whichever thread: exec is about to end it. No more comes (`leaving`). */
void sf_runner_drain(const struct sf_lane *lane)
{
    if (!lane->is_runner)
        await_zero(&queued[0]);
}

/* ---- the thread ---- */

/* Its masks as the handler sees them are those that the kernel would have made: what it goes back to is the target's, even out of
 * a sigsuspend, and its own adds to the one that counts there. */
static void run_one(struct sf_lane *self, struct sf_lane *target, int signo, siginfo_t *info, uint64_t since)
{
    struct sf_action act;
    ucontext_t uc;
    struct sf_frame *frame = self->frame;

    sf_disposition_get(signo, &act);
    if (act.handler == (uintptr_t)SIG_IGN)
        return;
    sf_disposition_use(signo, &act);
    if (act.handler <= 1) {
        SF_SYS(SYS_kill, sf_process.pid, signo, 0, 0, 0, 0);
        return;
    }
    memset(&uc, 0, sizeof uc);
    sf_context_get(&uc);
    sf_set_put(&uc.uc_sigmask, target->vmask);
    self->vmask = sf_mask_clean(SF_LOAD(&target->eff) | act.mask | (act.flags & SA_NODEFER ? 0 : SF_BIT(signo)));
    frame->signo = signo;
    sf_wakeup_watch(self);
    sf_guard_mark(self, 0);
    sf_event_begin(self, frame, info, act.handler, SF_COUNT_RUNNER, since, 0);
    sf_info_show(signo, info);
    frame->info = info;
    errno = 0;
    if (__sigsetjmp(*sf_jump_arm(), 0) == 0) {
        ((handler_fn)act.handler)(signo, info, &uc);
        sf_jump_disarm();
    } else {
        /* It jumped: the jump is the target's, and so is this handler from now on. */
        sf_event_jumped(self, frame);
        sf_wakeup_never(signo);
        sf_jump_passed(self, target);
        return;
    }
    if (sf_wakeup_known(signo) || sf_route_policy(signo, NULL) == SF_REPLAY_POINT)
        sf_wakeup_judge(self, signo, act.handler);
    sf_event_end(self, frame, NULL, errno);
    /* A target that has looked at the count and is about to enter a window: have the window refuse. This first, then `point`. */
    SF_ADD(&target->elsewhere, 1 + (act.flags & SA_RESTART ? 0 : SF_ELSEWHERE_HARD));
    SF_OR(&target->guard.work, SF_WORK_POINT);
    /* A sleeping target gets its EINTR (or its restart) all the same. */
    if (SF_LOAD(&target->point)) {
        /* The relay has the restart behaviour of this handler, too. */
        SF_STORE(&target->interrupt, act.flags & SA_RESTART ? SF_INTERRUPT_SOFT : SF_INTERRUPT_HARD);
        sf_relay_send(target, signo);
    }
}

static void *run(void *arg)
{
    struct sf_lane *self = arg;
    struct sf_frame frame;
    sf_set idle = ~SF_SET_LIBC;
    siginfo_t info;
    uint64_t since;
    int signo;

    sf_lane_begin(self, 0);
    self->is_runner = 1;
    SF_STORE(&self->eff, ~(sf_set)0);
    self->kmask = idle;
    memset(&frame, 0, sizeof frame);
    self->frame = &frame; /* whatever it calls, it calls inside a handler */
    SF_SYS(SYS_prctl, 15 /* PR_SET_NAME */, "sigferry-runner", 0, 0, 0, 0);
    sigferry_status.runner_tid = self->tid;
    queue_clear(); /* the last one may have ended as something was on its way to it */
    SF_STORE(&runner, self);
    SF_STORE(&started, 1);
    sys_futex_wake(&started, 1 << 30);
    for (;;) {
        uint32_t seen = SF_LOAD(&work);
        while ((signo = sf_slot_take(self, ~(sf_set)0, &info, &since)) > 0) {
            struct sf_lane *target = &sf_lanes[self->taken_for];
            int waits = self->taken_waits;
            /* A handler may live with its own faults; one that somebody sends, and that all threads of the program
             * block, is to stay pending. */
            sf_set during = idle & ~(SF_SET_FAULTS & ~target->vmask);
            sys_sigprocmask(SIG_SETMASK, &during, NULL);
            run_one(self, target, signo, &info, since);
            sys_sigprocmask(SIG_SETMASK, &idle, NULL);
            takes_more(signo, target);
            /* (0: the thread has ended meanwhile, and its lane may be another's.) */
            if (waits && SF_LOAD(&target->runner_holds))
                SF_ADD(&target->runner_holds, -1u);
            sys_futex_wake(&target->runner_holds, 1 << 30);
        }
        if (SF_LOAD(&wanted) == TO_END)
            break;
        sys_futex_wait(&work, seen, NULL);
    }
    SF_STORE(&started, 0);
    SF_STORE(&runner, NULL);
    sf_lane_end(self);
    return NULL;
}

static int configured(void)
{
    for (sf_set rest = sf_process.caught; rest; rest &= rest - 1) {
        enum sf_replay r = sf_route_policy(sf_set_first(rest), NULL);
        if (r == SF_REPLAY_HELPER || r == SF_REPLAY_CONCURRENT)
            return 1;
    }
    return 0;
}

/* Until it takes work. What comes in between would run in its thread, and fill the blocking pipe that this very thread
 * empties: once the first handlers were recognised, a burst does that while the new thread gets no processor. */
static void await_start(void)
{
    static const struct timespec step = {0, 1000000};
    uint64_t until = sf_now() + 1000000000; /* by the clock: each relay of the burst ends a step early */
    while (SF_LOAD(&wanted) == STARTED && !SF_LOAD(&runner) && sf_now() < until)
        sys_futex_wait(&started, 0, &step);
}

/* What is not to run in-thread any more because this thread can start the runner for it at once: handlers whose descriptor
 * blocks. It must get out of its window first. Owner of the lane, handler context. */
sf_set sf_runner_first(const struct sf_lane *lane)
{
    if (__builtin_expect(wanted != WANTED, 1) || lane->frame || lane->guard.inside || sf_process.mode != SF_MODE_FERRY)
        return 0;
    return sf_wakeup_blocks();
}

/* Start the thread when something asked for it. It is made by pthread_create (handlers are the program's code and
 * may use TLS), so only a thread of the program can do it, and not inside a handler: that may have interrupted an
 * allocation, and the one that pthread_create makes would count as the handler's own. Thread context. */
void sf_runner_start_if_wanted(void)
{
    struct sf_lane *self = sf_lane_raw(), *lane;
    pthread_attr_t attr;
    pthread_t thread;
    sf_set all = ~SF_SET_LIBC, old;
    uint32_t was = SF_LOAD(&wanted);

    if (!self || self->frame || self->guard.inside)
        return;
    if (SF_LOAD(&runner) || was > WANTED || sf_process.mode != SF_MODE_FERRY || (was == NOBODY && !configured()))
        return;
    if (!becomes(was, STARTED))
        return;
    self->busy++; /* pthread_create allocates, and what waits would run in-thread as the guard is left */
    lane = sf_lane_new();
    SF_LAZY(pthread_attr_init)(&attr);
    SF_LAZY(pthread_attr_setdetachstate)(&attr, PTHREAD_CREATE_DETACHED);
    SF_LAZY(pthread_attr_setstacksize)(&attr, 256 * 1024);
    sys_sigprocmask(SIG_SETMASK, &all, &old);
    if (!lane || sf_libc.pthread_create(&thread, &attr, run, lane) != 0) {
        if (lane)
            SF_STORE(&lane->state, SF_LANE_FREE);
        SF_STORE(&wanted, FAILED); /* not again: handlers stay in-thread */
    }
    sys_sigprocmask(SIG_SETMASK, &old, NULL);
    SF_LAZY(pthread_attr_destroy)(&attr);
    await_start();
    sf_busy_end(self);
}

/* The last thread of the program ends: libc counts the runner as one of its own, and would wait for it. */
void sf_runner_last(void)
{
    /* Also one that is only on its way: it looks before it sleeps for the first time. */
    if (!becomes(STARTED, TO_END))
        return;
    SF_ADD(&work, 1);
    sys_futex_wake(&work, 1);
}

/* Have it end, and wait until it has: for calls that refuse a process with threads. Thread context. */
void sf_runner_stop(void)
{
    int tid;
    while (SF_LOAD(&wanted) == STARTED && !SF_LOAD(&runner)) /* on its way */
        SF_SYS(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
    tid = sigferry_status.runner_tid;
    if (!SF_LOAD(&runner))
        return;
    sf_runner_last();
    while (sys_tgkill(sf_process.pid, tid, 0) != -ESRCH)
        SF_SYS(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
    sigferry_status.runner_tid = 0;
    SF_STORE(&wanted, WANTED);
}

/* In a forked child it does not exist; what is known about the handlers is. */
void sf_runner_forget(void)
{
    runner = NULL;
    work = started = 0;
    sf_reader_unread = 0;
    queue_clear();
    wanted = NOBODY;
    for (int s = 1; s < SF_NSIG; s++)
        if (sf_wakeup_known(s))
            wanted = WANTED;
}
