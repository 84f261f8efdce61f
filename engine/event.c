/* context: handler
 *
 * What is told to the trace: the shape of each record, in one place, so that the engine's own lines stay single ones.
 */
#include "engine/event.h"

#include <sys/auxv.h>

#include "base/text.h"
#include "engine/probe.h"
#include "sf_ucontext.h"

static uint64_t clock_for(int signo)
{
    return SF_HAS(SF_SET_FAULTS, signo) ? sf_now_raw() : sf_now();
}

/* Threads that we keep out of have no lane. */
static int tid_of(const struct sf_lane *lane)
{
    return lane ? lane->tid : sys_gettid();
}

static void put_signal(enum sf_event event, const struct sf_lane *lane, int signo, const siginfo_t *info, uint64_t handler,
                       uint64_t time)
{
    struct sf_record *r = sf_record_open(event, tid_of(lane), signo, time);
    if (!r)
        return;
    sf_record_sender(r, info);
    r->signal.error = 0;
    r->signal.handler = handler;
    r->signal.wait_ns = 0;
    sf_record_close(r);
}

/* ---- the way of a signal ---- */

void sf_event_merged(const struct sf_lane *lane, int signo, const siginfo_t *info, int count)
{
    struct sf_record *r = sf_record_open(SF_EV_MERGED, tid_of(lane), signo, clock_for(signo));
    if (!r)
        return;
    sf_record_sender(r, info);
    r->merged.count = (uint32_t)count;
    r->merged.spare[0] = r->merged.spare[1] = 0;
    sf_record_close(r);
}

void sf_event_arrive(struct sf_lane *lane, int signo, const siginfo_t *info, int listener)
{
    struct sf_row *row = &sigferry_status.row[signo];
    enum sf_sender from = sf_sender_of(info);
    uint64_t now;

    sf_count(SF_COUNT_ARRIVED);
    __atomic_fetch_add(&row->arrived, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&row->from[from], 1, __ATOMIC_RELAXED);
    SF_PROBE3(arrive, signo, info->si_code, from == SF_FROM_USER || from == SF_FROM_CHILD ? info->si_pid : 0);
    now = sf_tracing() ? clock_for(signo) : 0;
    if (lane && !listener)
        lane->arrived = now;
    if (!now)
        return;
    put_signal(SF_EV_ARRIVE, lane, signo, info, row->handler, now);
    if (info->si_code == SI_TIMER && info->si_overrun > 0)
        sf_event_merged(lane, signo, info, info->si_overrun);
    if (from == SF_FROM_USER || from == SF_FROM_CHILD)
        sf_sender_ask(info->si_pid, now, listener);
}

static void put_wait(enum sf_event event, int tid, int signo, enum sf_why why, uint32_t family, uint64_t since, sf_set mask)
{
    struct sf_record *r = sf_tracing() ? sf_record_open(event, tid, signo, clock_for(signo)) : NULL;
    if (!r)
        return;
    r->wait.why = why;
    r->wait.family = family;
    r->wait.since_ns = since;
    r->wait.mask = mask;
    r->wait.spare[0] = r->wait.spare[1] = 0;
    sf_record_close(r);
}

void sf_event_wait(const struct sf_lane *lane, int signo, int ours)
{
    enum sf_why why;
    if (!sf_tracing())
        return;
    why = ours == SF_OURS_BUSY           ? SF_WHY_BUSY
          : SF_HAS(lane->vmask, signo)   ? SF_WHY_BLOCKED
          : sf_runner_wants(signo, lane) ? SF_WHY_RUNNER
          : lane->guard.inside           ? SF_WHY_GUARDED
                                         : SF_WHY_NO_POINT;
    if (why == SF_WHY_NO_POINT && lane->point)
        return; /* it sleeps behind a closed gate, and is told at once */
    put_wait(SF_EV_WAIT, lane->tid, signo, why, sf_guarded(lane->guard.inside)->family, 0, lane->vmask);
}

void sf_event_blocked(int signo)
{
    put_wait(SF_EV_WAIT, 0, signo, SF_WHY_BLOCKED, 0, 0, ~(sf_set)0);
}

void sf_event_forced(const struct sf_lane *lane, int signo, uint64_t since)
{
    put_wait(SF_EV_FORCED, lane->tid, signo, SF_WHY_GUARDED, sf_guarded(lane->guard.inside)->family, since, lane->vmask);
}

/* ---- handlers ---- */

/* What did not have to wait arrived a moment ago, in this very frame: the clock need not be read again. Unless another
 * frame came on top of this one in between: if that called a handler, there is nothing left here, and if not, what it
 * left is between the two. */
static uint64_t begin_time(struct sf_lane *lane, int signo, uint64_t since)
{
    uint64_t arrived = lane ? lane->arrived : 0;
    if (!arrived || since)
        return clock_for(signo);
    lane->arrived = 0;
    return arrived;
}

void sf_event_begin(struct sf_lane *lane, struct sf_frame *frame, const siginfo_t *info, uintptr_t handler,
                    enum sf_counter at, uint64_t since, int error)
{
    int signo = frame->signo;
    struct sf_record *r;

    frame->handler = handler;
    frame->at = at;
    frame->error = error;
    frame->level = frame->prev ? frame->prev->level + 1 : 1;
    frame->begin = begin_time(lane, signo, since);
    frame->since = since ? since : frame->begin;
    since = since && since < frame->begin ? frame->begin - since : 0;
    sf_count(SF_COUNT_REPLAYED);
    sf_count(at);
    if (at == SF_COUNT_FORCED)
        __atomic_fetch_add(&sigferry_status.row[signo].forced, 1, __ATOMIC_RELAXED);
    sf_stat_begin(signo, handler, since);
    SF_PROBE4(replay_begin, signo, handler, since, at);
    if (!sf_tracing() || !(r = sf_record_open(SF_EV_BEGIN, tid_of(lane), signo, frame->begin)))
        return;
    r->at = (uint8_t)at;
    r->depth = (uint8_t)frame->level;
    sf_record_sender(r, info);
    r->signal.error = error;
    r->signal.handler = handler;
    r->signal.wait_ns = since;
    sf_record_close(r);
}

/* Which system call did it interrupt, and how does that end? Known for calls made as interruption points. */
static void interrupted_call(struct sf_record *r, const ucontext_t *uc)
{
    uintptr_t pc = sf_uc_pc(uc);
    if (pc < (uintptr_t)sf_window_begin || pc > (uintptr_t)sf_window_end)
        return;
    /* At the instruction itself: the kernel has set it back there, or it was never entered. Behind it, and not with
     * EINTR: the call was over. */
    if (pc == (uintptr_t)sf_window_after && sf_uc_result(uc) != -EINTR)
        return;
    r->done.call = (int32_t)((const struct sf_call *)sf_uc_window_call(uc))->nr;
    r->done.result = pc == (uintptr_t)sf_window_syscall ? SF_RESTARTED : -EINTR;
}

static void put_end(const struct sf_lane *lane, const struct sf_frame *frame, const ucontext_t *uc, int error, int at)
{
    uint64_t now = clock_for(frame->signo), ns = now - frame->begin;
    struct sf_record *r;

    sf_stat_run(frame->signo, frame->handler, ns, error != frame->error);
    SF_PROBE3(replay_end, frame->signo, frame->handler, ns);
    if (!sf_tracing() || !(r = sf_record_open(SF_EV_END, tid_of(lane), frame->signo, now)))
        return;
    r->at = (uint8_t)at;
    r->depth = (uint8_t)frame->level;
    r->done.handler = frame->handler;
    r->done.run_ns = ns;
    r->done.error = frame->error;
    r->done.error_after = error;
    r->done.call = -1;
    r->done.result = 0;
    r->done.pc = uc ? sf_uc_pc(uc) : 0;
    if (uc)
        interrupted_call(r, uc);
    sf_record_close(r);
}

void sf_event_end(const struct sf_lane *lane, const struct sf_frame *frame, const ucontext_t *uc, int error)
{
    put_end(lane, frame, uc, error, frame->at);
}

void sf_event_jumped(const struct sf_lane *lane, const struct sf_frame *frame)
{
    if (frame->begin)
        put_end(lane, frame, NULL, frame->error, SF_AT_JUMPED);
}

void sf_event_default(const struct sf_lane *lane, int signo, const siginfo_t *info)
{
    if (sf_tracing())
        put_signal(SF_EV_DEFAULT, lane, signo, info, 0, clock_for(signo));
}

/* ---- what the program does ---- */

extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char __etext[] __attribute__((visibility("hidden")));

void sf_event_caller(struct sf_lane *lane, const void *return_address)
{
    const char *at = return_address;
    if (at < __ehdr_start || at >= __etext)
        lane->caller = (uintptr_t)at;
}

void sf_event_disposition(const struct sf_lane *lane, int signo, const struct sf_action *now, const struct sf_action *had)
{
    struct sf_record *r;
    if (!sf_tracing())
        return;
    sf_module_note(now->handler);
    if (!(r = sf_record_open(SF_EV_DISPOSITION, tid_of(lane), signo, sf_now())))
        return;
    r->action.handler = now->handler;
    r->action.old_handler = had->handler;
    r->action.mask = now->mask;
    r->action.flags = (uint32_t)now->flags;
    r->action.old_flags = (uint32_t)had->flags;
    r->action.caller = lane ? lane->caller : 0;
    sf_record_close(r);
}

void sf_event_mask(const struct sf_lane *lane, sf_set had, sf_set now)
{
    struct sf_record *r;
    if (had == now || !sf_tracing() || !(r = sf_record_open(SF_EV_MASK, lane->tid, 0, sf_now())))
        return;
    r->mask.mask = now;
    r->mask.old_mask = had;
    r->mask.caller = lane->caller;
    r->mask.spare[0] = r->mask.spare[1] = 0;
    sf_record_close(r);
}

static void put_send(const struct sf_lane *lane, const struct sf_sending *s, uint64_t time, long result)
{
    struct sf_record *r = sf_record_open(SF_EV_SEND, tid_of(lane), s->signo, time);
    if (!r)
        return;
    r->at = (uint8_t)s->kind;
    r->send.pid = s->pid;
    r->send.tid = s->tid;
    r->send.result = (int32_t)result;
    r->send.spare = 0;
    r->send.value = s->value;
    r->send.caller = lane ? lane->caller : 0;
    r->send.period_ns = s->period_ns;
    sf_record_close(r);
}

/* Recorded first where the call may not come back, or where the handler runs before it does. */
static int first(const struct sf_sending *s)
{
    return s->pid == sf_process.pid || s->pid <= 0;
}

uint64_t sf_event_send(const struct sf_lane *lane, const struct sf_sending *s)
{
    uint64_t now;
    SF_PROBE3(send, s->signo, s->pid, s->kind);
    if (__builtin_expect(!sf_tracing(), 1) || !s->signo)
        return 0;
    now = sf_now();
    if (first(s))
        put_send(lane, s, now, 0);
    return now;
}

void sf_event_sent(const struct sf_lane *lane, const struct sf_sending *s, uint64_t begun, long result)
{
    if (__builtin_expect(!begun, 1) || (first(s) && result >= 0))
        return;
    put_send(lane, s, begun, result < 0 ? result : 0);
}

/* ---- processes and threads ---- */

static void put_process(enum sf_event event, const struct sf_lane *lane, int at, int pid, int status)
{
    struct sf_record *r = sf_tracing() ? sf_record_open(event, tid_of(lane), 0, sf_now()) : NULL;
    if (!r)
        return;
    r->at = (uint8_t)at;
    memset(&r->process, 0, sizeof r->process);
    r->process.pid = pid;
    r->process.status = status;
    sf_record_close(r);
}

void sf_event_mode(enum sf_mode mode)
{
    struct sf_record *r = sf_tracing() ? sf_record_open(SF_EV_MODE, 0, 0, sf_now()) : NULL;
    if (!r)
        return;
    r->at = (uint8_t)mode;
    memset(&r->process, 0, sizeof r->process);
    r->process.pid = (int)mode;
    r->process.status = (int32_t)sigferry_status.failure;
    sf_record_close(r);
}

/* A long text takes several records. */
static void put_text(enum sf_event event, const struct sf_lane *lane, const char *text)
{
    uint32_t piece = 0;
    do {
        struct sf_record *r = sf_tracing() ? sf_record_open(event, tid_of(lane), 0, sf_now()) : NULL;
        unsigned n = 0;
        if (!r)
            return;
        r->text.pid = sf_process.pid;
        r->text.piece = piece;
        for (; n < sizeof r->text.text; n++)
            r->text.text[n] = *text ? *text++ : 0;
        sf_record_close(r);
    } while (*text && ++piece < 8);
}

void sf_event_start(const char *name)
{
    if (sf_tracing()) /* addresses of callers are to have names even where there is no handler */
        sf_module_note(getauxval(AT_ENTRY));
    put_text(SF_EV_START, sf_lane_raw(), name);
}

void sf_event_forked(const struct sf_lane *lane, int parent)
{
    if (sf_tracing())
        sf_module_note(getauxval(AT_ENTRY));
    put_process(SF_EV_FORK, lane, 0, parent, 0);
}

void sf_event_exec(const struct sf_lane *lane, const char *path)
{
    if (!sf_tracing())
        return;
    put_text(SF_EV_EXEC, lane, path);
    sigferry_status.ended = 2;
}

void sf_event_exec_failed(void)
{
    sigferry_status.ended = 0;
}

/* What came too late for a point, and is not blocked: nobody will handle it any more. */
static void put_dropped(void)
{
    sf_set pending = sys_sigpending() & sf_process.caught;
    if (sf_lane_self() && SF_LOAD(&sf_process.hands))
        sf_hands_wait(); /* what the kernel no longer shows */
    for (uint32_t i = 0; i < sf_lane_high; i++) {
        const struct sf_lane *lane = &sf_lanes[i];
        sf_set rest = SF_LOAD(&lane->held) | SF_LOAD(&lane->look) | (lane == sf_lane_raw() ? pending : 0);
        if (SF_LOAD(&lane->state) != SF_LANE_LIVE || lane->is_runner)
            continue;
        for (rest &= ~SF_LOAD(&lane->eff); rest; rest &= rest - 1)
            put_wait(SF_EV_WAIT, lane->tid, sf_set_first(rest), SF_WHY_ENDS, 0, 0, lane->vmask);
    }
}

void sf_event_exit(int status)
{
    if (sf_tracing())
        put_dropped();
    put_process(SF_EV_EXIT, sf_lane_raw(), 0, sf_process.pid, status);
    sigferry_status.ended_status = status;
    sigferry_status.ended = 1;
}

void sf_event_thread(const struct sf_lane *lane, int ends)
{
    put_process(SF_EV_THREAD, lane, 0, lane->tid, ends);
}
