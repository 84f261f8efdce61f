/* context: setup, thread; sf_process_direct also listener
 *
 * The process: its birth, its modes, fork and exec, and stepping aside.
 */
#include <sys/auxv.h>

#include "base/text.h"
#include "engine/check.h"
#include "engine/event.h"
#include "engine/taken.h"
#include "engine/timer.h"
#include "libc/libc.h"

struct sf_process sf_process;
extern char **environ;
static struct sf_lane *forking;

static void set_mode(enum sf_mode mode)
{
    SF_STORE(&sf_process.mode, mode);
    sigferry_status.mode = mode;
    sf_event_mode(mode);
}

/* Step aside: from now on the program lives natively. The fact is recorded; nothing is printed. Any context. */
void sf_process_direct(enum sf_failure why, int error)
{
    sigferry_status.failure = why;
    sigferry_status.failure_errno = error;
    sigferry_status.listener_tid = 0;
    set_mode(SF_MODE_DIRECT);
    SF_STORE(&sf_process.closed, 0);
    SF_STORE(&sf_process.nogate, 0);
    SF_STORE(&sf_process.hands, 0);
    /* Every thread puts its own mask right; those that only compute must be told. */
    for (uint32_t i = 0; i < sf_lane_high; i++)
        if (sf_lanes[i].state == SF_LANE_LIVE)
            sf_relay_send(&sf_lanes[i], 0);
}

/* Back from there, before anybody has noticed. Thread context. */
void sf_process_undirect(void)
{
    sigferry_status.failure = SF_FAIL_NONE;
    set_mode(SF_MODE_IDLE);
}

/* Is there any signal that may have to wait, or anybody to ask for a sender's name? Only then is there something for a
 * listener to do. */
static int something_waits(void)
{
    sf_set rest = sf_process.caught;
    if (sf_taken_bell() || sf_tracing())
        return 1;
    for (; rest; rest &= rest - 1)
        if (sf_route_policy(sf_set_first(rest), NULL) != SF_REPLAY_NOW ||
            sf_config_signal(&sf_process.config, sf_set_first(rest)).route == SF_ROUTE_SIGNALFD)
            return 1;
    return 0;
}

static void ferry_locked(void)
{
    int err;
    if (sf_process.mode == SF_MODE_FERRY) {
        if (!SF_LOAD(&sf_process.listener_tid))
            sf_process_direct(SF_FAIL_DIED, 0);
        return;
    }
    if (!sf_process.relay[0] || SF_LOAD(&sf_process.walled)) {
        sf_process_direct(sf_process.relay[0] ? SF_FAIL_SECCOMP : SF_FAIL_RELAY, 0);
        return;
    }
    /* Also where no listener is needed: pthread_cancel wakes a thread in a window so. */
    if (!sf_process.started_once)
        sf_relay_install();
    sf_process.started_once = 1;
    if (!something_waits())
        return;
    SF_STORE(&sf_process.mode, SF_MODE_FERRY);
    sf_disposition_refresh(); /* the doorbell's mask, before the listener makes the bell */
    err = sf_listener_start();
    if (err) {
        sf_process_direct(SF_FAIL_CLONE, -err);
        return;
    }
    /* It may have stepped aside by now: the mode is its last word, so only the copy for readers is written here. */
    sigferry_status.mode = SF_MODE_FERRY;
    if (SF_LOAD(&sf_process.mode) != SF_MODE_FERRY)
        sigferry_status.mode = sf_process.mode;
}

/* Something is, or may be, to be routed: make sure that the listener runs, or that we have stepped aside.
 * Thread context; cheap when nothing is to be done. */
void sf_process_ferry(void)
{
    struct sf_lane *lane = sf_lane_self();
    uint32_t mode = SF_LOAD(&sf_process.mode);
    static volatile sf_set bell;

    if (!lane || SF_LOAD(&sf_process.wrecked))
        return;
    if (mode == SF_MODE_DIRECT) {
        if (SF_LOAD(&sf_process.closed)) /* a change of disposition crossed our stepping aside */
            SF_STORE(&sf_process.closed, 0);
        return;
    }
    if (mode != SF_MODE_FERRY || !SF_LOAD(&sf_process.listener_tid)) {
        lane->busy++;
        sf_lock(&sf_process.lock);
        ferry_locked();
        sf_unlock(&sf_process.lock);
        sf_busy_end(lane);
        sf_mask_heal(lane);
        bell = sf_process.doorbell;
    } else if (bell != sf_process.doorbell) {
        bell = sf_process.doorbell;
        sf_listener_poke(); /* one more signal to watch */
    }
    sf_runner_start_if_wanted();
}

/* ---- fork ---- */

static void before_fork(void)
{
    struct sf_lane *lane = sf_lane_self();
    if (lane)
        lane->busy++;
    sf_lock(&sf_process.lock); /* so that the child finds the tables whole */
    forking = lane;
    SF_ADD(&sf_process.forking, 1);
}

static void after_fork_parent(void)
{
    struct sf_lane *lane = forking;
    SF_ADD(&sf_process.forking, -1u);
    sf_unlock(&sf_process.lock);
    if (lane)
        sf_busy_end(lane);
}

/* A signal, while this process or its parent is about to fork. In the child, before that has left its parent's tables, it
 * would be held, counted and recorded there: it goes back into the kernel's queue, and comes when the child begins (its
 * mask is opened there). Returns 1 if this is such a child. Handler context. */
int sf_process_unborn(int signo, const siginfo_t *info, ucontext_t *uc)
{
    const struct sf_lane *raw = sf_lane_raw();
    sf_set one = SF_BIT(signo), mask;
    int pid;
    if (raw && (raw->vfork | raw->strict))
        return 0;
    pid = sys_getpid();
    if (pid == sf_process.pid)
        return 0;
    if (!raw || (SF_HAS(SF_SET_FAULTS, signo) && info->si_code > 0)) {
        sf_file_child(); /* it cannot wait: but away from the parent's record */
        return 0;
    }
    sys_sigprocmask(SIG_BLOCK, &one, NULL); /* with SA_NODEFER it would come in here again */
    memcpy(&mask, &uc->uc_sigmask, sizeof mask);
    sf_set_put_kernel(&uc->uc_sigmask, mask | one);
    sys_tgsigqueue(pid, sys_gettid(), signo, info);
    return 1;
}

/* In a forked child, as early as possible: no listener, no other thread, nothing pending, native masks. What
 * arrived since the fork is blocked still, and comes in when the mask is put right at the end. */
void sf_process_child(void)
{
    struct sf_lane *lane = sf_lane_raw();
    int strict = lane && lane->strict; /* no system call of ours, and its mask is its own */

    int threads = 0;
    int parent = sf_process.pid, ferried = sf_process.mode == SF_MODE_FERRY || sf_process.mode == SF_MODE_CHILD;

    for (uint32_t i = 0; i < sf_lane_high; i++)
        threads += sf_lanes[i].state != SF_LANE_FREE && !sf_lanes[i].is_runner; /* one may just be starting */
    sf_process.lock = 0;
    sf_process.listener_tid = 0;
    sf_process.deep = 0;
    sf_timers_forget();
    sf_process.hands = 0;
    sf_process.leaving = lane && lane->leaving; /* a handler that exec had called first has forked */
    sf_runner_forget();
    sf_taken_forget();
    sf_lane_only(lane);
    SF_STORE(&sf_process.closed, 0);
    SF_STORE(&sf_process.nogate, 0);
    if (lane) {
        lane->busy = 0;
        lane->vfork = 0;
    }
    if (strict) {
        /* The record may still be the parent's, for good: nothing is written there. */
        if (ferried)
            SF_STORE(&sf_process.mode, SF_MODE_CHILD);
        return;
    }
    sf_file_child(); /* before anything is written there */
    SF_STORE(&sf_process.forking, 0);
    sigferry_status.pid = sf_process.pid = sys_getpid();
    sigferry_status.listener_tid = sigferry_status.runner_tid = 0;
    if (lane)
        sf_event_forked(lane, parent);
    if (sf_process.traced)
        sf_process.traced = 0; /* nobody has asked for that */
    if (ferried)
        set_mode(SF_MODE_CHILD);
    if (sf_checking())
        sf_check_child(lane, threads);
    if (!lane)
        return;
    /* The kernel may block more than we know of: what came here early, or what was held in the parent as it forked. */
    lane->kmask = ~(sf_set)0;
    sf_mask_heal(lane);
}

/* ---- exec ---- */

/* About to leave for another program: it must find the native mask, and pending what still pends. Handlers of
 * what has waited run now; what comes from here on runs at once. */
void sf_leave_begin(struct sf_lane *lane)
{
    sf_set mask;
    lane->leave_sp = (uintptr_t)__builtin_frame_address(0);
    lane->leave_frame = lane->frame;
    SF_STORE(&lane->leaving, SF_LEAVES_SOON);
    SF_ADD(&sf_process.leaving, 1);
    sf_hands_wait(); /* from here on the listener takes nothing more for this thread */
    sf_runner_wait(lane);
    sf_runner_drain(lane); /* it gets no more: what waits behind that is for this thread */
    sf_replay_waiting(lane, ~(sf_set)0);
    if (sf_checking())
        sf_check_exec(lane, lane->vmask, 0);
    SF_STORE(&lane->leaving, SF_LEAVES);
    /* What came by the direct door between the two is held, and the last to be: it runs now. Back in the kernel's queue it would
     * come behind what is sent for this thread in the same instant. */
    sf_replay_waiting(lane, ~(sf_set)0);
    if (SF_LOAD(&lane->held))
        sf_slot_return_all(lane); /* a handler that calls exec blocks it */
    mask = lane->vmask;
    lane->kmask = mask;
    sys_sigprocmask(SIG_SETMASK, &mask, NULL);
}

/* The exec failed, or a handler has jumped out of it: nothing has happened. */
void sf_leave_failed(struct sf_lane *lane)
{
    lane->leaving = 0;
    SF_ADD(&sf_process.leaving, -1u);
    sf_mask_heal(lane);
    sf_listener_poke(); /* what it has left in the kernel */
}

/* ---- children that libc, or a bare clone, makes of the calling thread ---- */

volatile uint32_t sf_beside;

/* The child gets the kernel's mask of this thread: until sf_copy_end that is the virtual one. A signal that comes
 * meanwhile is kept without being blocked, so that the copy stays clean (relay.c, HOLD_OPEN). Thread context. */
void sf_copy_begin(struct sf_lane *lane)
{
    lane->spawning++;
    lane->kmask = lane->vmask;
    sys_sigprocmask(SIG_SETMASK, &lane->vmask, NULL);
}

/* Keeps errno. */
void sf_copy_end(struct sf_lane *lane)
{
    int saved = errno;
    lane->spawning--;
    sf_mask_heal(lane);
    sf_replay_waiting(lane, lane->safe_ok);
    errno = saved;
}

/* Around a clone whose child shares our memory. Nobody opens such a thread's mask on our behalf: it must be its own from
 * the start, and what comes there runs there. `lane` may be NULL. */
void sf_process_beside(struct sf_lane *lane)
{
    SF_STORE(&sf_beside, 1); /* before there is one */
    if (lane)
        sf_copy_begin(lane);
}

void sf_process_beside_over(struct sf_lane *lane)
{
    if (lane)
        sf_copy_end(lane);
}

/* ---- birth ---- */

/* Runs after the program's own functions for its end: it is asked for before them. */
static void at_exit(int status, void *unused)
{
    sf_event_exit(status);
}

static const char *program_name(void)
{
    const char *path = (const char *)getauxval(AT_EXECFN);
    return path ? sf_text_basename(path) : "";
}

static void note_config(void)
{
    struct sf_text line;
    const struct sf_config_error *e = &sf_process.config.first_error;
    if (!sf_process.config.error_count)
        return;
    sf_text_start(&line, sigferry_status.config_error, sizeof sigferry_status.config_error);
    sf_text_add(&line, e->file);
    sf_text_add(&line, ":");
    sf_text_number(&line, e->line);
    sf_text_add(&line, ": ");
    sf_text_add(&line, e->text);
    sigferry_status.counter[SF_COUNT_CONFIG_ERRORS] = sf_process.config.error_count;
}

/* initfirst also means: last on the way out. */
__attribute__((destructor)) static void end(void)
{
    sf_check_exit();
    sf_process_ends();
}

static void begin_aside(enum sf_failure why)
{
    sigferry_status.mode = sf_process.mode = SF_MODE_DIRECT;
    sigferry_status.failure = why;
}

/* What routing needs: relays, and a lane. Without lanes the stub calls handlers as they come, and writes down what it sees. */
static void begin_ferry(void)
{
    sf_set mask = 0;
    /* From the top, before the program reads SIGRTMAX: it cannot collide with them. */
    for (int i = 0; i < 2; i++) {
        sf_process.relay[i] = sf_libc.allocate_rtsig(0);
        if (sf_process.relay[i] < 0)
            sf_process.relay[0] = sf_process.relay[1] = 0;
        sigferry_status.relay[i] = sf_process.relay[i];
    }
    memcpy(&sf_process.copy, (const void *)getauxval(AT_RANDOM), sizeof sf_process.copy);
    sf_process.copy |= 1; /* natively it is 0 */
    sys_sigprocmask(SIG_SETMASK, NULL, &mask);
    if (sf_checking())
        sf_inspect_begin(mask);
    sf_provoke_begin();
    sf_process.main = sf_lane_new();
    sf_lane_begin(sf_process.main, mask);
    sf_process.main->kmask = mask;
}

/* Once, before the program's own code and before any other constructor (-z initfirst). `envp` from the loader:
 * libc's environ is not set yet then. */
void sf_process_begin(char **envp)
{
    memcpy(sigferry_status.magic, SF_FORMAT_MAGIC, 16);
    sigferry_status.version = SF_FORMAT_VERSION;
    sigferry_status.size = sizeof sigferry_status;
    sigferry_status.pid = sf_process.pid = sys_getpid();
    sigferry_status.lanes = (uintptr_t)sf_lanes;
    sigferry_status.lane_high = (uintptr_t)&sf_lane_high;
    sigferry_status.lane_size = sizeof sf_lanes[0];
    sigferry_status.at_state = offsetof(struct sf_lane, state);
    sigferry_status.at_tid = offsetof(struct sf_lane, tid);
    sigferry_status.at_point = offsetof(struct sf_lane, point);
    sigferry_status.at_mask = offsetof(struct sf_lane, vmask);
    sigferry_status.at_held = offsetof(struct sf_lane, held);
    if (sf_libc_begin() != 0) {
        begin_aside(SF_FAIL_SYMBOL);
        return;
    }
    sf_config_load(&sf_process.config, envp ? envp : environ, program_name(), (int)getauxval(AT_SECURE));
    note_config();
    sf_file_begin(&sf_process.config);
    if (sf_libc_passed_by())
        begin_aside(SF_FAIL_PASSED);
    else
        begin_ferry();
    sf_libc.register_atfork(before_fork, after_fork_parent, sf_process_child, NULL);
    if (sf_tracing()) {
        int (*on_end)(void (*)(int, void *), void *) = sf_libc_resolve("on_exit");
        on_end(at_exit, NULL);
        sf_event_start(program_name());
        if (sf_process.config.trace == 2)
            sf_watch_begin();
    }
}
