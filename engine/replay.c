/* context: handler (sf_replay, sf_replay_native), thread (sf_replay_waiting)
 *
 * Call the program's handler: in a frame that the kernel built, with the masks, the context and the errno that
 * the program would see natively.
 */
#include "engine/check.h"
#include "engine/event.h"
#include "sf_ucontext.h"

typedef void (*handler_fn)(int, siginfo_t *, void *);

/* Remember what a handler interrupts, and start it with a clean slate. `uc` is the interrupted context (NULL:
 * called in place). */
void sf_frame_push(struct sf_lane *lane, struct sf_frame *frame, int signo, const ucontext_t *uc)
{
    uintptr_t here = (uintptr_t)frame;
    frame->prev = lane->frame;
    frame->signo = signo;
    frame->info = NULL;
    frame->sp = uc ? sf_uc_sp(uc) : here;
    frame->alt_low = frame->alt_high = 0;
    if (uc && !(uc->uc_stack.ss_flags & SS_DISABLE)) {
        uintptr_t low = (uintptr_t)uc->uc_stack.ss_sp;
        if (here >= low && here < low + uc->uc_stack.ss_size) {
            frame->alt_low = low;
            frame->alt_high = low + uc->uc_stack.ss_size;
        }
    }
    frame->point = lane->point;
    frame->inside = lane->guard.inside;
    frame->flags = lane->guard.flags;
    frame->granting = lane->granting;
    frame->ran = lane->ran;
    frame->ran_hard = lane->ran_hard;
    frame->seen = lane->seen;
    frame->temp_on = lane->temp_on;
    frame->saw = lane->saw;
    frame->saw_lock = lane->saw_lock;
    frame->takes = lane->takes;
    frame->uc = NULL;
    frame->arrival = NULL;
    frame->watched = frame->stepped = 0;
    frame->grant = lane->grant; /* let in, and not come yet: the frame below was on its way out */
    frame->grant_pc = lane->grant_pc;
    frame->grant_sp = lane->grant_sp;
    lane->grant = 0;
    lane->frame = frame;
    sf_guard_mark(lane, 0);
    lane->granting = lane->temp_on = 0;
    sf_wakeup_watch(lane);
    lane->point = SF_POINT_NONE;
    lane->takes = 0;
}

void sf_frame_pop(struct sf_lane *lane, struct sf_frame *frame)
{
    lane->frame = frame->prev;
    lane->guard.inside = frame->inside;
    lane->guard.flags = frame->flags;
    lane->granting = frame->granting;
    lane->ran = frame->ran;
    lane->ran_hard = frame->ran_hard;
    lane->seen = frame->seen;
    lane->temp_on = frame->temp_on;
    lane->saw = frame->saw;
    lane->saw_lock = frame->saw_lock;
    lane->grant = frame->grant;
    lane->grant_pc = frame->grant_pc;
    lane->grant_sp = frame->grant_sp;
    lane->takes = frame->takes;
    lane->point = frame->point;
}

/* Put *info into the calling thread's own pending queue, as it came. 0 or -errno. */
int sf_requeue(struct sf_lane *lane, int signo, siginfo_t *info)
{
    return (int)sys_tgsigqueue(sf_process.pid, lane->tid, signo, info);
}

/* Natively, for threads that we keep out of: no lane, vfork child, stepped aside before the lane was born. */
void sf_replay_native(int signo, siginfo_t *info, ucontext_t *uc)
{
    struct sf_action act;
    struct sf_frame frame = {.signo = signo};
    int counts = !sf_lane_raw(); /* a vfork child's record would be its parent's; strict seccomp allows no clock */
    int error = errno;
    sf_disposition_get(signo, &act);
    if (act.handler <= 1)
        return;
    if (counts) {
        sf_event_arrive(NULL, signo, info, 0);
        sf_event_begin(NULL, &frame, info, act.handler, SF_COUNT_NOW, 0, error);
    }
    sf_info_show(signo, info);
    ((handler_fn)act.handler)(signo, info, uc);
    if (counts)
        sf_event_end(NULL, &frame, NULL, errno);
}

/* Another thread has used SA_RESETHAND up between the kernel's choice of our stub and now: let the kernel act on it. */
static void by_default(struct sf_lane *lane, int signo, siginfo_t *info, ucontext_t *uc)
{
    sf_set mask;
    sf_event_default(lane, signo, info);
    sf_requeue(lane, signo, info);
    mask = sf_mask_closed(lane) & ~SF_BIT(signo);
    lane->kmask = mask;
    sf_set_put_kernel(&uc->uc_sigmask, mask);
}

/* A handler ran (or pthread_cancel asks) while the thread was between the entry of a window and the kernel: the call must
 * not sleep any more, as if the signal had come an instant later. Calls that the kernel would restart just go on.
 * Handler context, owner of the lane. */
void sf_window_end_early(struct sf_lane *lane, ucontext_t *uc)
{
    uintptr_t pc = sf_uc_pc(uc);
    const struct sf_call *call;
    if (pc < (uintptr_t)sf_window_begin || pc > (uintptr_t)sf_window_syscall)
        return;
    call = sf_uc_window_call(uc);
    if (call->restarts && !lane->ran_hard && !lane->cancel)
        return;
    sf_uc_set_pc(uc, (uintptr_t)sf_window_eintr);
}

/* Masks while the handler runs: what the program sees, and what the kernel really has (it had `kernel`). */
static void enter_masks(struct sf_lane *lane, int signo, const struct sf_action *act, ucontext_t *uc, sf_set kernel)
{
    sf_set shown, base, below;
    sf_set add = act->mask | (act->flags & SA_NODEFER ? 0 : SF_BIT(signo));
    const ucontext_t *program = sf_frame_program(uc, &below);
    base = shown = lane->vmask | below;
    /* Out of a ppoll or sigsuspend the kernel adds to the temporary mask, and saved the old one. */
    if (lane->frame->temp_on && sf_uc_pc(program) == (uintptr_t)sf_window_after && sf_uc_result(program) == -EINTR) {
        base = lane->temp | below;
        if (program == uc)
            kernel = sf_mask_kernel(lane, base);
        else
            shown = base; /* the frame below has the old one */
    }
    shown = sf_mask_clean(shown);
    sf_set_put_kernel(&uc->uc_sigmask, shown);
    lane->kmask = kernel | add;
    lane->vmask = lane->eff = sf_mask_clean(base | add);
}

/* A handler counts as having interrupted the point that the thread is in, or (patience let it run outside) the next one. */
static void has_run(struct sf_lane *lane, int signo, const struct sf_action *act, enum sf_counter at)
{
    lane->ran++;
    if (!(act->flags & SA_RESTART))
        lane->ran_hard++;
    if (at == SF_COUNT_AT_SAFE && sf_route_policy(signo, NULL) == SF_REPLAY_POINT) {
        lane->impatient = act->flags & SA_RESTART ? 1 : 2;
        lane->impatient_at = sf_now();
    }
}

/* Call the program's handler for `signo` in the kernel's frame `uc`, then decide what the interrupted code goes
 * on with (sf_settle). Handler context, owner of the lane. May not return: handlers may jump away. */
void sf_replay(struct sf_lane *lane, int signo, siginfo_t *info, ucontext_t *uc, int ours, enum sf_counter at)
{
    struct sf_action act;
    struct sf_frame frame;
    uint64_t since = SF_HAS(lane->again, signo) ? lane->granted_since : 0;
    sf_set mask, orig, vmask = lane->vmask, kmask = lane->kmask;
    sf_set safe = lane->safe_ok & SF_BIT(signo);
    uint32_t busy = lane->busy;
    int error = errno;

    memcpy(&orig, &uc->uc_sigmask, sizeof orig);
    sf_disposition_use(signo, &act);
    if (act.handler <= 1) {
        sf_settle(lane, uc, orig, ours);
        by_default(lane, signo, info, uc);
        return;
    }
    lane->grant &= ~SF_BIT(signo);
    sf_frame_push(lane, &frame, signo, uc);
    enter_masks(lane, signo, &act, uc, orig);
    if (sf_checking())
        sf_check_begin(lane, &frame, uc, &act, vmask);
    lane->again &= ~SF_BIT(signo); /* before the handler: another of these is another arrival */
    sf_event_begin(lane, &frame, info, act.handler, at, since, error);
    sf_info_show(signo, info);
    frame.info = info;
    lane->busy = 0; /* the bookkeeping is whole: what comes now finds a thread like any other */
    if (!ours)
        frame.stepped = sf_step_out_of_crash(lane, signo, (int)act.flags);

    ((handler_fn)act.handler)(signo, info, uc);

    error = errno;
    sf_step_in_after_crash(lane, frame.stepped);
    lane->busy = busy;
    if (sf_checking())
        sf_check_end(lane, &frame);
    memcpy(&mask, &uc->uc_sigmask, sizeof mask);
    sf_wakeup_judge(lane, signo, act.handler);
    sf_frame_pop(lane, &frame);
    /* A frame below this one has not begun: it takes the masks as they were. */
    lane->vmask = ours ? vmask : sf_mask_clean(mask);
    if (lane->known & ~lane->vmask)
        SF_STORE(&lane->unsure, 1); /* seen while the handler blocked it: it is to be looked for again */
    SF_STORE(&lane->eff, lane->vmask); /* before the looks, as in sf_mask_set */
    lane->kmask = kmask;
    has_run(lane, signo, &act, at);
    if (signo >= 34) { /* real-time signals queue: there may be more behind it, at the same stage */
        SF_STORE(&lane->unsure, 1);
        SF_OR(&lane->safe_ok, safe);
    }
    sf_event_end(lane, &frame, uc, error); /* first: it looks where the window was interrupted */
    sf_window_end_early(lane, uc);
    lane->one_ran = 1;
    sf_settle(lane, uc, orig, ours);
    /* It may have run in a hook that has looked at `ran` and is about to enter a window: have the window refuse. */
    if (!lane->point)
        SF_OR(&lane->guard.work, SF_WORK_POINT);
}

/* Let in one signal: `signo` is pending in the kernel, for this thread or for the process. */
static void let_in(struct sf_lane *lane, int signo)
{
    sf_set mask = sf_mask_closed(lane) & ~SF_BIT(signo);
    lane->granting = 1;
    lane->kmask = mask;
    sys_sigprocmask(SIG_SETMASK, &mask, NULL); /* its handler runs here */
    lane->granting = 0;
    sf_mask_heal(lane);
}

/* What pends in the kernel, for the runner: take it out, as far as it takes more. Owner of the lane; `signo` is blocked
 * in the kernel here. */
void sf_replay_to_runner(struct sf_lane *lane, int signo)
{
    siginfo_t info;
    sf_set one = SF_BIT(signo);
    SF_AND(&lane->look, ~one);
    while (!sf_runner_full(signo) && sys_sigtake(&one, &info) == signo) {
        sf_slot_came(lane, signo, &info);
        if (!sf_slot_is_copy(&info))
            sf_event_arrive(lane, signo, &info, 0);
        if (sf_slot_next(lane, signo, &info) && sf_runner_hand(lane, signo, &info, sf_now()) != 0) {
            if (sf_slot_put_back(lane, signo, &info, sf_now()) == 0)
                break;
            lane->again |= one;
            sf_requeue(lane, signo, &info);
            break;
        }
    }
}

/* What was let in has not come to our stub, although the program has a handler: the kernel has called another one. Who shares
 * our dispositions but is a process of its own (a bare clone with CLONE_SIGHAND) has put it there, and that was it. */
static int passes_us_by(int signo)
{
    struct sf_action act;
    sf_disposition_get(signo, &act);
    return act.handler > 1; /* else the kernel acts, and there is no copy */
}

/* sf_replay_waiting; `inside`: libc, or the engine itself, is left just now, and no thread can be made here. */
static void replay_waiting(struct sf_lane *lane, sf_set which, int inside)
{
    if (lane->is_runner)
        return; /* what its lane holds is its work, not its own: the loop in runner.c takes it, one by one */
    while (!lane->busy) {
        sf_set waits = which & ~lane->vmask & (SF_LOAD(&lane->held) | SF_LOAD(&lane->look));
        uint32_t entered = lane->entered;
        uint64_t since;
        siginfo_t info;
        int signo, from_slot;

        if (!waits)
            break;
        if (sf_runner_is_wanted() && !inside)
            sf_runner_start_if_wanted(); /* the last handler was recognised, and the next one is to run there already */
        lane->busy++;
        signo = from_slot = sf_slot_peek(lane, waits);
        if (signo && sf_runner_wants(signo, lane)) {
            signo = sf_slot_take(lane, SF_BIT(signo), &info, &since);
            if (signo && sf_runner_hand(lane, signo, &info, since) != 0) {
                sf_slot_put_back(lane, signo, &info, since);
                which &= ~SF_BIT(signo); /* it has enough to do; it will ask for more */
            }
            lane->busy--;
            continue;
        }
        if (signo) {
            if (sf_slot_offer(lane, SF_BIT(signo)) < 0) {
                which &= ~SF_BIT(signo); /* at the next point */
                lane->busy--;
                continue;
            }
        } else {
            signo = sf_set_first(waits);
            if (sf_runner_wants(signo, lane)) {
                sf_replay_to_runner(lane, signo);
                lane->busy--;
                continue;
            }
        }
        SF_AND(&lane->look, ~SF_BIT(signo));
        lane->busy--;
        let_in(lane, signo);
        if (from_slot && !lane->borrowed && lane->entered == entered && passes_us_by(signo))
            sf_slot_take(lane, SF_BIT(signo), &info, &since);
        if (!from_slot && SF_LOAD(&sf_process.hands))
            sf_hands_wait(); /* the listener may have been faster: then it is about to be held */
        if (signo >= 34)
            sf_mask_look(lane); /* the next of its queue */
    }
    sf_work_update(lane);
    /* What the runner took from here waits here no more. One that comes by the direct door (SIGPROF) and had been held has
     * nobody else to unblock it: the thread, which calls nothing, would never get another. */
    if (!lane->busy)
        sf_mask_heal(lane);
}

/* Replay, one by one and in the order of arrival, what waits for the calling thread out of `which` and is not
 * blocked. The caller stands at a point where that is safe. Thread context; handlers may jump away. */
void sf_replay_waiting(struct sf_lane *lane, sf_set which)
{
    replay_waiting(lane, which, 0);
}

/* What has come of `signo` natively had been handled by now, and the program is about to change what that depends on: its
 * handler, or the timer that sends it. So it runs before. Thread context; handlers may jump away. */
void sf_replay_due(struct sf_lane *lane, int signo)
{
    if (lane->busy || lane->is_runner || !SF_HAS(sf_process.caught & ~lane->vmask, signo))
        return;
    SF_STORE(&lane->unsure, 1);
    sf_mask_look(lane);
    if (SF_LOAD(&sf_process.hands)) /* what the kernel no longer shows */
        sf_hands_wait();
    if (SF_HAS(SF_LOAD(&lane->held) | SF_LOAD(&lane->look), signo))
        sf_replay_waiting(lane, SF_BIT(signo));
    if (SF_LOAD(&lane->runner_holds))
        sf_runner_wait(lane);
}

/* The engine's state is whole again. What came in between and needs no more than a safe point runs now: nobody
 * else would tell, where there is no listener. Thread context. */
void sf_busy_end(struct sf_lane *lane)
{
    if (--lane->busy == 0 && lane->guard.inside == 0 && ((SF_LOAD(&lane->held) | SF_LOAD(&lane->look)) & SF_LOAD(&lane->safe_ok)))
        replay_waiting(lane, SF_LOAD(&lane->safe_ok), 1);
}

/* The outermost guarded function has been left, and something waits for which that is enough. Keeps errno. */
__attribute__((visibility("default"))) void sigferry_guard_leave(void)
{
    struct sf_lane *lane = sf_lane_self();
    int saved = errno;
    if (lane && !lane->granting)
        replay_waiting(lane, SF_LOAD(&lane->safe_ok), 1);
    errno = saved;
}
