/* context: handler
 *
 * The record of one program thread.
 *
 * Lanes are a static pool: no heap, and the listener can walk them while threads come and go. A lane
 * pointer stays readable for ever; only `state` says whether it still stands for a thread.
 */
#include "engine/engine.h"
#include "engine/rest.h"

struct sf_lane sf_lanes[SF_LANES];
volatile uint32_t sf_lane_high;
struct sf_guard sf_idle_guard __attribute__((visibility("hidden")));

/* Stands for the main thread when that has ended: takes nothing. */
static struct sf_lane no_main = {.eff = ~(sf_set)0};

__attribute__((visibility("default"))) __thread struct sf_guard *sigferry_guard
    __attribute__((tls_model("initial-exec"))) = &sf_idle_guard;

/* A lane that nobody else sees yet (state TAKEN), or NULL when all are in use: that thread is then served by
 * the direct door alone. Any context. */
struct sf_lane *sf_lane_new(void)
{
    for (uint32_t i = 0; i < SF_LANES; i++) {
        uint32_t free = SF_LANE_FREE;
        struct sf_lane *lane = &sf_lanes[i];
        if (lane->state != SF_LANE_FREE ||
            !__atomic_compare_exchange_n(&lane->state, &free, SF_LANE_TAKEN, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
            continue;
        uint32_t high = SF_LOAD(&sf_lane_high);
        while (high < i + 1 && !__atomic_compare_exchange_n(&sf_lane_high, &high, i + 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
            ;
        return lane;
    }
    return NULL;
}

static void lane_clear(struct sf_lane *lane)
{
    void *(*start)(void *) = lane->start;
    void *arg = lane->arg;
    sf_set mask = lane->start_mask;
    /* Not `state`: the pool is shared, and a lane must never look free while it is being filled. */
    memset(lane, 0, offsetof(struct sf_lane, state));
    lane->look_since = 0;
    lane->is_runner = 0;
    lane->jump = NULL;
    lane->start = start;
    lane->arg = arg;
    lane->start_mask = mask;
}

/* The calling thread takes `lane` as its own; `vmask` is the mask that the program gave it. The kernel's mask
 * is put right by the caller (sf_mask_heal). */
void sf_lane_begin(struct sf_lane *lane, sf_set vmask)
{
    lane_clear(lane);
    lane->guard.flags = sf_watch_all;
    lane->vmask = lane->eff = vmask & ~SF_SET_UNBLOCKABLE;
    lane->kmask = 0;
    lane->unsure = 1;
    lane->thread = pthread_self();
    lane->tid = sys_gettid();
    sf_relay_forget(lane);
    sigferry_guard = &lane->guard;
    /* Last: from here on the listener may choose this lane. */
    SF_STORE(&lane->state, SF_LANE_LIVE);
    sf_slot_adopt(lane);
    if (SF_LOAD(&lane->held))
        sf_work_update(lane);
    sf_rest_left(lane);
}

/* The thread of `lane` has ended, or is about to: what was aimed at it dies with it, as natively; what was sent to the process goes
 * to another thread. Any context, any thread. */
void sf_lane_hand_on(struct sf_lane *lane)
{
    siginfo_t info;
    uint64_t since;
    int signo;
    while ((signo = sf_slot_take(lane, ~(sf_set)0, &info, &since)) > 0) {
        struct sf_lane *other = sf_route_lane(signo);
        if (sf_info_aimed(&info))
            continue;
        if (!other || sf_route_hand(other, signo, &info, since) != 0)
            sf_route_back(0, signo, &info);
    }
}

/* The calling thread ends. */
void sf_lane_end(struct sf_lane *lane)
{
    if (lane->leaving) /* a handler that came just before an exec has ended the thread */
        SF_ADD(&sf_process.leaving, -1u);
    if (lane->wrecked) /* nor does one that describes a crash return */
        SF_ADD(&sf_process.wrecked, -lane->wrecked);
    SF_STORE(&lane->state, SF_LANE_TAKEN); /* no longer chosen; a push under way is found below ... */
    sigferry_guard = &sf_idle_guard;
    if (!lane->strict && SF_LOAD(&sf_process.hands))
        sf_hands_wait(); /* ... but the listener may only be about to push */
    if (sf_process.main == lane)
        SF_STORE(&sf_process.main, &no_main);
    sf_lane_hand_on(lane);
    /* Somebody may just have one of ours in hand, taken for his own, and be about to put it back (sf_slot_claim). */
    for (int i = 0; i < 1000 && SF_LOAD(&lane->held) && !lane->strict; i++) {
        SF_SYS(SYS_sched_yield, 0, 0, 0, 0, 0, 0);
        sf_lane_hand_on(lane);
    }
    lane->tid = 0;
    SF_STORE(&lane->state, SF_LANE_FREE);
    sf_listener_poke();
}

/* After fork: the caller is the only thread, and nothing waits for it (pending signals are not inherited). */
void sf_lane_only(struct sf_lane *self)
{
    for (uint32_t i = 0; i < sf_lane_high; i++)
        if (&sf_lanes[i] != self)
            sf_lanes[i].state = SF_LANE_FREE;
    sf_slot_forget();
    if (!self)
        return;
    self->bare = 0;
    sf_process.wrecked = self->wrecked;
    self->held = self->look = self->safe_ok = self->force_ok = self->known = 0;
    self->guard.work = 0;
    self->cancel = self->runner_holds = 0;
    self->unsure = 1;
    if (!self->strict)
        self->tid = sys_gettid();
    sf_relay_forget(self);
    self->interrupt = 0;
    sf_process.main = self;
}

struct sf_lane *sf_lane_of_thread(pthread_t thread)
{
    for (uint32_t i = 0; i < sf_lane_high; i++)
        if (sf_lanes[i].state == SF_LANE_LIVE && pthread_equal(sf_lanes[i].thread, thread))
            return &sf_lanes[i];
    return NULL;
}

struct sf_lane *sf_lane_of_tid(int tid)
{
    for (uint32_t i = 0; i < sf_lane_high; i++)
        if (sf_lanes[i].state == SF_LANE_LIVE && sf_lanes[i].tid == tid)
            return &sf_lanes[i];
    return NULL;
}

/* Recompute what waits, after masks or queues changed. Owner only; others only ever add bits. */
void sf_work_update(struct sf_lane *lane)
{
    sf_set waits, allowed = ~lane->eff;
    uint32_t work = 0;

    /* Clear first, then look: a push in between sets the bit after our look at `held`, or we see its slot. */
    SF_STORE(&lane->guard.work, 0);
    waits = (SF_LOAD(&lane->held) | SF_LOAD(&lane->look)) & allowed;
    waits &= ~sf_runner_crowded(lane, waits);
    if (waits)
        work |= SF_WORK_POINT;
    /* A stage belongs to what waits, not to the signal: the next one has its own patience. What is being let in
     * keeps it, for the rest of its queue. (A second instance that races with this only waits for patience.) */
    SF_AND(&lane->safe_ok, SF_LOAD(&lane->held) | SF_LOAD(&lane->look) | lane->grant);
    SF_AND(&lane->hurry, SF_LOAD(&lane->held) | SF_LOAD(&lane->look));
    SF_AND(&lane->force_ok, SF_LOAD(&lane->held) | SF_LOAD(&lane->look) | lane->grant);
    if (waits & SF_LOAD(&lane->safe_ok))
        work |= SF_WORK_SAFE;
    if (work)
        SF_OR(&lane->guard.work, work);
}
