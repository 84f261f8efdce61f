/* context: handler
 *
 * Handlers of the program, watched: what they call, how they end, what they leave behind. Where the signal found the
 * thread decides what would have come of it natively.
 */
#include "engine/check.h"
#include "libc/libc.h"
#include "sf_ucontext.h"

#define ARRIVALS 64
static struct sf_arrival arrivals[ARRIVALS];
static uint64_t order;
static uint32_t told_after_fork;
static uint32_t forked_with_threads;

/* ---- arrival ---- */

void sf_check_hold(struct sf_lane *lane, int signo, const ucontext_t *uc, int ours)
{
    if (ours)
        return; /* in the engine: no place of the program's */
    for (int i = 0; i < ARRIVALS; i++) {
        struct sf_arrival *a = &arrivals[i];
        uint32_t none = 0;
        if (a->state || !__atomic_compare_exchange_n(&a->state, &none, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            continue;
        a->inside = lane->guard.inside;
        a->asleep = (lane->guard.flags & SF_GUARD_INPUT) && (sf_uc_at_syscall(uc, SYS_read) || sf_uc_at_syscall(uc, SYS_futex));
        a->in_handler = lane->frame != NULL;
        a->lane = lane;
        a->signo = signo;
        a->shot = lane->shot;
        lane->shot.function = 0;
        a->order = __atomic_fetch_add(&order, 1, __ATOMIC_RELAXED);
        sf_find_stack(&a->stack, uc);
        SF_STORE(&a->state, 2);
        return;
    }
}

/* The oldest of this signal and lane. The caller gives it back (state 0) when the handler is over. */
static struct sf_arrival *oldest(const struct sf_lane *lane, int signo)
{
    struct sf_arrival *found = NULL;
    for (int i = 0; i < ARRIVALS; i++) {
        struct sf_arrival *a = &arrivals[i];
        if (SF_LOAD(&a->state) == 2 && a->lane == lane && a->signo == signo && (!found || a->order < found->order))
            found = a;
    }
    if (found)
        SF_STORE(&found->state, 1);
    return found;
}

static void done_with(struct sf_frame *frame)
{
    if (frame->arrival)
        SF_STORE(&frame->arrival->state, 0);
    frame->arrival = NULL;
}

/* ---- a handler begins and ends ---- */

/* One handler has interrupted another inside of a guarded function. */
static void cut(struct sf_lane *lane, const struct sf_frame *frame)
{
    struct sf_finding_head key;
    enum sf_verdict verdict;
    uint32_t inside = sf_frame_inside(frame, &verdict);
    int nested = verdict == SF_VERDICT_NATIVE ? frame->prev != NULL : frame->arrival && frame->arrival->in_handler;
    if (!inside || !nested || (frame->prev && frame->prev->signo == frame->signo))
        return;
    sf_find_key(&key, SF_FIND_HANDLER_CUT, frame);
    if (frame->prev)
        key.value[0] = (uint64_t)frame->prev->signo;
    sf_find(lane, &key, frame, 0);
}

void sf_check_begin(struct sf_lane *lane, struct sf_frame *frame, const ucontext_t *uc, const struct sf_action *act, sf_set before)
{
    frame->uc = uc;
    frame->watched = act->handler;
    frame->action = (uint32_t)act->flags;
    frame->mask = lane->vmask;
    frame->before = before;
    frame->found = errno;
    frame->reaped = frame->drained = 0;
    /* Blocked but for this very call (ppoll, sigsuspend): it can come nowhere else, and may do anything. */
    frame->legal = frame->temp_on && SF_HAS(before, frame->signo);
    frame->arrival = oldest(lane, frame->signo);
    frame->shot = frame->arrival ? frame->arrival->shot : lane->shot;
    lane->shot.function = 0;
    sf_provoke_ran(frame->signo);
    cut(lane, frame);
}

/* Children that ended together sent one signal. (A child is reapable only after its signal has been sent.) */
static void count_children(struct sf_lane *lane, const struct sf_frame *frame)
{
    struct sf_finding_head key;
    sf_set pending;
    siginfo_t info;

    if (frame->signo != SIGCHLD || frame->reaped != 1 || frame->drained)
        return;
    memset(&info, 0, sizeof info);
    if (SF_SYS(SYS_waitid, 0 /* P_ALL */, 0, &info, 1 | 4 | 0x01000000 /* WNOHANG | WEXITED | WNOWAIT */, 0, 0) != 0 || !info.si_pid)
        return;
    pending = sys_sigpending();
    if (SF_HAS(pending | SF_LOAD(&lane->held) | SF_LOAD(&lane->look), SIGCHLD))
        return;
    for (uint32_t i = 0; i < sf_lane_high; i++) /* another thread may be about to take them */
        if (&sf_lanes[i] != lane && SF_LOAD(&sf_lanes[i].state) == SF_LANE_LIVE && sf_lanes[i].frame)
            return;
    sf_find_key(&key, SF_FIND_CHILDREN_LOST, frame);
    key.verdict = SF_VERDICT_NATIVE;
    sf_find(lane, &key, frame, 0);
}

void sf_check_end(struct sf_lane *lane, struct sf_frame *frame)
{
    uint64_t ran_ns = sf_now() - frame->begin;
    int error = errno;
    struct sf_finding_head key;

    if (!frame->watched)
        return;
    if (error != frame->found) {
        sf_find_key(&key, SF_FIND_ERRNO_SPOILED, frame);
        /* We put it back. In a call that sleeps nobody looks before the call has set it itself. */
        key.verdict = frame->point ? SF_VERDICT_POTENTIAL
                      : sf_process.config.check == SF_CHECK_NATIVE ? SF_VERDICT_NATIVE : SF_VERDICT_AVERTED;
        key.inside_family = 0;
        memset(key.inside, 0, sizeof key.inside);
        key.value[0] = (uint64_t)frame->found;
        key.value[1] = (uint64_t)error;
        sf_find(lane, &key, frame, 0);
    }
    if (lane->vmask != frame->mask) {
        sf_find_key(&key, SF_FIND_MASK_CHANGED, frame);
        key.verdict = SF_VERDICT_NATIVE;
        key.value[0] = frame->mask;
        key.value[1] = lane->vmask;
        sf_find(lane, &key, frame, 0);
    }
    if ((int64_t)ran_ns > sf_process.config.slow_ns) {
        sf_find_key(&key, SF_FIND_HANDLER_SLOW, frame);
        key.verdict = SF_VERDICT_NATIVE;
        key.value[0] = ran_ns;
        sf_find(lane, &key, frame, 0);
    }
    count_children(lane, frame);
    lane->last_signo = frame->signo;
    lane->last_handler = frame->watched;
    done_with(frame);
    errno = error;
}

/* ---- what it calls ---- */

static int is(const char *name, const char *one)
{
    return strcmp(name, one) == 0;
}

static int ends_here(const char *name)
{
    return is(name, "exit") || is(name, "quick_exit") || is(name, "pthread_exit") || is(name, "thrd_exit");
}

/* Of stdio these work on a string alone: no stream, no lock. */
static int on_strings(const char *name)
{
    while (*name == '_')
        name++;
    if (*name == 'v')
        name++;
    return strncmp(name, "isoc", 4) == 0 ? strstr(name, "_s") != NULL || strstr(name, "_vs") != NULL
                                         : *name == 's' && name[1] != 'e';
}

/* Would the two calls meet at a lock or in half changed data? Most families are made so. */
static int meets(const struct sf_guarded *called, const struct sf_guarded *inside)
{
    if (called->family != inside->family || is(inside->name, "exit"))
        return 0;
    if (!called->shared)
        return is(called->name, inside->name);
    return !on_strings(called->name) && !on_strings(inside->name);
}

static enum sf_finding_kind judge(struct sf_lane *lane, const struct sf_frame *frame, const struct sf_guarded *called, uintptr_t argument)
{
    enum sf_verdict verdict;
    const struct sf_guarded *inside = sf_guarded(sf_frame_inside(frame, &verdict));
    if (inside->family && meets(called, inside))
        return SF_FIND_REENTERED;
    if (lane->guard.inside)
        return SF_FIND_NONE; /* the function that it called is what counts */
    if (sf_libc_mutex_mine(called->name, argument, lane->tid))
        return SF_FIND_LOCK_HELD;
    return ends_here(called->name) ? SF_FIND_EXIT_IN_HANDLER : SF_FIND_UNSAFE_CALL;
}

/* A forked child of a process with threads, on its way to exec. */
static void after_fork(struct sf_lane *lane, const struct sf_guarded *called, uintptr_t caller)
{
    struct sf_finding_head key;
    if (!forked_with_threads || lane->guard.inside)
        return;
    sf_find_key(&key, SF_FIND_UNSAFE_AFTER_FORK, NULL);
    sf_find_called(&key, called->name, called->family, caller);
    sf_find(lane, &key, NULL, 1);
    if (++told_after_fork >= 8) { /* it goes on as a program of its own */
        forked_with_threads = 0;
        sf_watch_all = sf_provoking() ? SF_GUARD_WATCH : 0;
        sf_guard_mark(lane, 0);
    }
}

__attribute__((visibility("default"))) void sigferry_guard_watch(uint32_t n, uintptr_t argument, uintptr_t caller)
{
    struct sf_lane *lane = sf_lane_raw();
    struct sf_frame *frame = lane ? lane->frame : NULL;
    const struct sf_guarded *called = sf_guarded(n);
    enum sf_finding_kind kind;
    struct sf_finding_head key;
    int saved = errno;

    sf_wakeup_other(); /* a handler that calls a guarded function does more than wake somebody up */
    if (!sf_checking() || !lane || lane->vfork | lane->strict)
        return;
    if (lane->late)
        sf_check_point(lane, -1, NULL); /* something else than the same wait again */
    if (sf_provoking() && !lane->guard.inside && !called->seen)
        sf_provoke_call(lane, n, 0);
    if (!frame) {
        after_fork(lane, called, caller);
    } else if (frame->watched && frame->uc && !frame->legal) {
        kind = judge(lane, frame, called, argument);
        if (kind != SF_FIND_NONE) {
            sf_find_key(&key, kind, frame);
            sf_find_called(&key, called->name, called->family, caller);
            if (kind == SF_FIND_LOCK_HELD)
                key.verdict = SF_VERDICT_NATIVE;
            if (sf_provoking())
                sf_find_merge(&key);
            sf_find(lane, &key, frame, 1);
            frame->legal = kind == SF_FIND_EXIT_IN_HANDLER; /* what that does inside is no handler's any more */
        }
    }
    errno = saved;
}

__attribute__((visibility("default"))) void sigferry_guard_watched(uint32_t n)
{
    struct sf_lane *lane = sf_lane_raw();
    int saved = errno;
    if (sf_provoking() && sf_checking() && lane && !(lane->vfork | lane->strict) && lane->guard.inside == n)
        sf_provoke_call(lane, n, 1);
    errno = saved;
}

void sf_check_child(struct sf_lane *lane, int threads)
{
    for (int i = 0; i < ARRIVALS; i++)
        arrivals[i].state = 0;
    told_after_fork = 0;
    forked_with_threads = threads > 1;
    sf_watch_all = forked_with_threads || sf_provoking() ? SF_GUARD_WATCH : 0;
    sf_inspect_child();
    sf_provoke_child();
    if (lane) {
        lane->late = NULL; /* it is in the parent's file */
        lane->guard.flags = lane->frame ? SF_GUARD_WATCH : sf_watch_all;
    }
}

/* ---- how it leaves ---- */

void sf_check_jump(struct sf_lane *lane, uintptr_t sp, int masked)
{
    struct sf_finding_head key;
    for (struct sf_frame *f = lane->frame; f && f->watched; f = f->prev) {
        enum sf_verdict verdict;
        if (f->alt_high ? sp >= f->alt_low && sp < f->alt_high : sp < (uintptr_t)f)
            return; /* stays inside this handler, as in sf_jump_unwind */
        if (f->uc && sf_frame_inside(f, &verdict)) {
            sf_find_key(&key, SF_FIND_JUMP_FROM_UNSAFE, f);
            sf_find(lane, &key, f, 1);
        }
        if (!masked && lane->vmask & ~f->before) {
            sf_find_key(&key, SF_FIND_MASK_CHANGED, f);
            key.verdict = SF_VERDICT_NATIVE;
            key.value[0] = f->before;
            key.value[1] = lane->vmask;
            sf_find(lane, &key, f, 1);
        }
        done_with(f);
    }
}
