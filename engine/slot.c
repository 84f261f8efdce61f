/* context: handler
 *
 * The slots in which held signals wait: a static pool, shared by all lanes.
 */
#include "engine/event.h"

struct sf_slot sf_slots[SF_SLOTS];
static volatile uint32_t in_use, ever; /* now; and behind the last that was ever claimed */

#define OF_ONE 64                  /* standard signals of one number, for one thread */
#define RESERVE (SF_SLOTS / 4)     /* for what comes to a thread at a bad moment, by the direct door */

/* Those behind have never been used: who fills one raises this before. */
static int slots(void)
{
    return (int)SF_SCAN(&ever);
}

static int is_ready(const struct sf_slot *s, const struct sf_lane *lane)
{
    return SF_SCAN(&s->state) == SF_SLOT_READY && &sf_lanes[s->lane] == lane;
}

/* Does it hold `signo` for `lane`, if only for as long as its thread looks at it? */
static int holds(const struct sf_slot *s, const struct sf_lane *lane, int signo)
{
    return SF_SCAN(&s->state) >= SF_SLOT_READY && &sf_lanes[s->lane] == lane && s->signo == signo;
}

/* The bit goes with the last slot. Clear, then look again: a push between the two set it again or left a ready slot that
 * the second look finds; the other order could clear the bit of a new slot. And once it is set again the slot may be gone:
 * a bit for which there is none has its thread let in what never comes, for ever. Any context, any thread. */
static void clear_held(struct sf_lane *lane, int signo)
{
    for (;;) {
        int i = 0, high;
        SF_AND(&lane->held, ~SF_BIT(signo));
        high = slots();
        while (i < high && !holds(&sf_slots[i], lane, signo))
            i++;
        if (i == high)
            return;
        SF_OR(&lane->held, SF_BIT(signo));
        if (holds(&sf_slots[i], lane, signo))
            return;
    }
}

/* Is it time to leave standard signals of this number where the kernel merges them? They come faster than the thread
 * handles them: natively they had merged long ago. Any context. */
int sf_slot_crowded(const struct sf_lane *lane, int signo)
{
    int n = 0;
    if (SF_LOAD(&in_use) >= SF_SLOTS - RESERVE)
        return 1;
    if (!SF_HAS(SF_LOAD(&lane->held), signo))
        return 0;
    for (int i = 0, high = slots(); i < high; i++)
        n += is_ready(&sf_slots[i], lane) && sf_slots[i].signo == signo;
    return n >= OF_ONE;
}

/* Slots are claimed with compare-and-swap, so a handler that interrupts the claim of its own thread takes the next
 * one. The lowest `order` is the oldest. */
static int slot_fill(struct sf_lane *lane, const struct sf_lane *target, int waits, int signo, const siginfo_t *info,
                     uint64_t since, uint64_t order)
{
    for (int i = 0; i < SF_SLOTS; i++) {
        struct sf_slot *s = &sf_slots[i];
        uint32_t free = SF_SLOT_FREE;
        if (s->state != SF_SLOT_FREE)
            continue;
        /* First: a child that is forked in between must find what is half filled. */
        for (uint32_t high = SF_SCAN(&ever); high < (uint32_t)i + 1;)
            if (__atomic_compare_exchange_n(&ever, &high, (uint32_t)i + 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
                break;
        if (!__atomic_compare_exchange_n(&s->state, &free, SF_SLOT_FILLING, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
            continue;
        SF_ADD(&in_use, 1);
        s->signo = (uint16_t)signo;
        s->lane = (uint16_t)(lane - sf_lanes);
        s->target = (uint16_t)(target - sf_lanes);
        s->waits = (uint8_t)waits;
        s->order = order;
        s->since = since;
        s->info = *info;
        s->offered = 0;
        SF_STORE(&s->state, SF_SLOT_READY);
        /* `held` after the slot is ready: whoever sees the bit finds the slot. */
        SF_OR(&lane->held, SF_BIT(signo));
        if (!holds(s, lane, signo)) /* its thread looked for another reason, and was faster: the bit came too late */
            clear_held(lane, signo);
        /* Whoever ignores it stores that, then looks what waits; we the other way round. */
        if (__builtin_expect(sf_disposition_ignored(signo), 0))
            sf_slot_discard(NULL, signo);
        return 0;
    }
    sf_count(SF_COUNT_NO_SLOT);
    return -EAGAIN;
}

/* Keep *info for `lane`. 0, or -EAGAIN when the pool is full: the caller leaves the signal to the kernel.
 * Any context, any thread. */
int sf_slot_put(struct sf_lane *lane, int signo, const siginfo_t *info, uint64_t since)
{
    return slot_fill(lane, lane, 0, signo, info, since, SF_ADD(&sf_process.order, 1));
}

/* The same for one that has just been taken out: before all others. With all slots in use (somebody else has filled the one
 * that it was in) it goes back into the kernel's queue. Owner only, where the kernel blocks it. */
int sf_slot_put_back(struct sf_lane *lane, int signo, const siginfo_t *info, uint64_t since)
{
    siginfo_t copy = *info;
    if (slot_fill(lane, lane, 0, signo, info, since, 0) == 0)
        return 0;
    if (sf_requeue(lane, signo, &copy) != 0)
        return -EAGAIN;
    SF_OR(&lane->look, SF_BIT(signo));
    return 0;
}

/* The same in the runner's lane, on behalf of `target`, which `waits` for it. */
int sf_slot_put_for(struct sf_lane *lane, const struct sf_lane *target, int waits, int signo, const siginfo_t *info,
                    uint64_t since)
{
    return slot_fill(lane, target, waits, signo, info, since, SF_ADD(&sf_process.order, 1));
}

/* Until two looks find the same. In one look a slot may be filled behind our back, and the one that the same thread fills
 * next still lie before us: the younger would be taken first. But who sees that one ready sees the other in a second look. */
static struct sf_slot *slot_oldest(const struct sf_lane *lane, sf_set which)
{
    struct sf_slot *best = NULL, *before;
    do {
        before = best;
        for (int i = 0, high = slots(); i < high; i++) {
            struct sf_slot *s = &sf_slots[i];
            if (is_ready(s, lane) && SF_HAS(which, s->signo) && (!best || s->order < best->order))
                best = s;
        }
    } while (best != before);
    return best;
}

/* Claim the oldest slot of `lane` out of `which`; NULL: none. Owner (or the ending thread) only, but the owner's own
 * handler may interrupt: then the loser of the swap looks again. */
struct sf_slot *sf_slot_claim(struct sf_lane *lane, sf_set which)
{
    for (;;) {
        struct sf_slot *s = slot_oldest(lane, which);
        uint32_t ready = SF_SLOT_READY;
        if (!s)
            return NULL;
        if (!__atomic_compare_exchange_n(&s->state, &ready, SF_SLOT_CLAIMED, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
            continue;
        /* Between the look and the swap it may have been emptied, and filled again for somebody else. */
        if (&sf_lanes[s->lane] == lane && SF_HAS(which, s->signo))
            return s;
        SF_STORE(&s->state, SF_SLOT_READY);
    }
}

/* One that was claimed is no longer held. Who claimed it. */
void sf_slot_free(struct sf_lane *lane, struct sf_slot *s)
{
    int signo = s->signo;
    SF_STORE(&s->state, SF_SLOT_FREE);
    SF_ADD(&in_use, -1u);
    clear_held(lane, signo);
}

/* Take the oldest held signal out of `which`: its number, or 0. */
int sf_slot_take(struct sf_lane *lane, sf_set which, siginfo_t *info, uint64_t *since)
{
    struct sf_slot *s = sf_slot_claim(lane, which);
    int signo;
    if (s) {
        signo = s->signo;
        *info = s->info;
        *since = s->since;
        lane->taken_for = s->target;
        lane->taken_waits = s->waits;
        sf_slot_free(lane, s);
        return signo;
    }
    return 0;
}

/* The number of the oldest held signal out of `which`, or 0. */
int sf_slot_peek(const struct sf_lane *lane, sf_set which)
{
    const struct sf_slot *s = slot_oldest(lane, which);
    return s ? s->signo : 0;
}

/* A copy of `signo` has come: one slot less has one in the kernel. */
void sf_slot_unoffer(struct sf_lane *lane, int signo)
{
    for (int i = 0, high = slots(); i < high; i++) {
        struct sf_slot *s = &sf_slots[i];
        if (SF_SCAN(&s->state) != SF_SLOT_FREE && &sf_lanes[s->lane] == lane && s->signo == signo && s->offered) {
            s->offered = 0;
            return;
        }
    }
}

/* The program ignores `signo` now: what waits of it, in whichever lane, is discarded, as the kernel has done with what pended
 * there. Else it would act by default, once the disposition is SIG_DFL. Any thread. */
void sf_slot_discard(const struct sf_lane *self, int signo)
{
    for (int i = 0, high = slots(); i < high; i++) {
        struct sf_slot *s = &sf_slots[i];
        struct sf_lane *lane;
        uint32_t ready = SF_SLOT_READY;
        if (s->signo != signo || SF_SCAN(&s->state) != SF_SLOT_READY ||
            !__atomic_compare_exchange_n(&s->state, &ready, SF_SLOT_CLAIMED, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
            continue;
        lane = &sf_lanes[s->lane];
        if (s->signo != signo || lane->is_runner) { /* (the runner's is counted, and finds out by itself) */
            SF_STORE(&s->state, SF_SLOT_READY);
            continue;
        }
        sf_slot_free(lane, s);
        if (lane != self)
            sf_relay_send(lane, 0); /* it still blocks the signal in the kernel, for what it held */
    }
}

/* A thread begins. What was pushed for the one that had its lane before, when that was gone, is its own: set the bits. */
void sf_slot_adopt(struct sf_lane *lane)
{
    for (int i = 0, high = slots(); i < high; i++)
        if (is_ready(&sf_slots[i], lane))
            clear_held(lane, sf_slots[i].signo);
}

/* After fork: what waits is the parent's. Pages in which nothing is to be changed stay shared with it, and where nothing ever
 * was there need be none. */
void sf_slot_forget(void)
{
    for (uint32_t i = 0; i < ever; i++)
        if (sf_slots[i].state != SF_SLOT_FREE)
            sf_slots[i].state = SF_SLOT_FREE;
    in_use = ever = 0;
}
