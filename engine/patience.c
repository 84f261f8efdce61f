/* context: listener
 *
 * How long a signal waits for its best moment, and what will do after that: an interruption point; after `patience`
 * any safe point; after `limit` anywhere.
 */
#include "engine/event.h"
#include "engine/task.h"

static struct sf_chance chances[SF_SLOTS]; /* of what waits in each */

/* Processor time (ns) that the lane's thread has had since `since`, as far as we have looked; ~0 where nobody tells. */
static uint64_t used_since(const struct sf_lane *lane, struct sf_chance *from, uint64_t since)
{
    struct timespec t;
    uint64_t used;
    int tid = lane->tid, known;
    known = SF_SYS(SYS_clock_gettime, (~(long)tid << 3) | 6 /* its processor time */, &t, 0, 0, 0, 0) == 0;
    used = known ? (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec : 0;
    if (from->since != since || from->tid != tid)
        *from = (struct sf_chance){.since = since, .used = used, .tid = tid};
    return known ? used - from->used : ~(uint64_t)0;
}

/* It is asleep in a call at this moment. Is that where it spent its time, or has it merely met a lock of the kernel's between two
 * long waits for a processor? From the first time that it was seen so, since most are not. */
static int was_free(const struct sf_lane *lane, struct sf_chance *from, uint64_t now, uint64_t span)
{
    uint64_t waited = sf_task_waited(lane->tid), since;
    if (!from->seen) {
        from->seen = now;
        from->waited = waited;
    }
    since = now - from->seen;
    waited -= from->waited;
    return since >= waited && since - waited >= span / 4;
}

/* `span` (patience, or limit) is over by the clock. But it is for a thread that runs and reaches no point. One that merely
 * waits for a processor has not had its chance, however long that takes: on a machine with too much to do it would be
 * cut wherever it happened to stand, and be the first to run there. */
static int had_its_chance(const struct sf_lane *lane, struct sf_chance *from, uint64_t used, uint64_t now, uint64_t span)
{
    return used >= span / 4 || (!sf_task_starved(lane->tid) && was_free(lane, from, now, span));
}

/* A safe point will do: have the thread look, if it has not been told yet. (Again with each look: should its own reckoning have
 * cleared the bit for the wrong reason, nothing else would set it before the limit.) */
static void tell_safe(struct sf_lane *lane, const struct sf_chance *from, uint64_t used, uint64_t now)
{
    if (SF_OR(&lane->guard.work, SF_WORK_SAFE) & SF_WORK_SAFE)
        return;
    lane->told = now;
    lane->used_by_then = from->used + used;
}

/* Is the limit over, so that it is cut anywhere? Only if it has known for long enough that a safe point will do. On a machine
 * with too much to do we are late ourselves, and tell a thread of what it could not know a moment before it would be cut. */
static int limit_is_over(const struct sf_lane *lane, struct sf_chance *from, uint64_t used, uint64_t now, uint64_t limit)
{
    if (now < from->since + limit || !had_its_chance(lane, from, used, now, limit))
        return 0;
    if (used != ~(uint64_t)0)
        used = from->used + used - lane->used_by_then;
    return now >= lane->told + limit / 4 && had_its_chance(lane, from, used, now, limit / 4);
}

/* Advance the stage of one waiting signal; the time (ns) at which to look again, ~0 never. */
static uint64_t advance(struct sf_lane *lane, struct sf_chance *from, int signo, uint64_t since, uint64_t now, int *relay)
{
    struct sf_signal_config c = sf_config_signal(&sf_process.config, signo);
    uint64_t again = ~(uint64_t)0, used = used_since(lane, from, since);
    sf_set one = SF_BIT(signo);

    if (SF_HAS(SF_LOAD(&lane->eff), signo))
        return again; /* blocked meanwhile: its own thread lets it in */
    if (sf_task_sleeps(lane->tid, lane->guard.flags & SF_GUARD_INPUT, SF_HAS(lane->safe_ok, signo) != 0)) {
        *relay = signo;
        return now + 1000000;
    }
    if (!SF_HAS(lane->safe_ok, signo)) {
        uint64_t patience = (uint64_t)c.patience_ns / (SF_HAS(SF_LOAD(&lane->hurry), signo) ? SF_HURRY : 1);
        if (now < since + patience)
            return since + patience;
        if (!had_its_chance(lane, from, used, now, patience))
            return now + 2000000;
        SF_OR(&lane->safe_ok, one);
    }
    tell_safe(lane, from, used, now);
    if (lane->guard.inside == 0) {
        *relay = signo;
        return now + 1000000; /* it may have been in the middle of something: ask again */
    }
    if (c.limit_ns >= 0 && limit_is_over(lane, from, used, now, (uint64_t)c.limit_ns)) {
        if (!SF_HAS(SF_OR(&lane->force_ok, one), signo))
            sf_event_forced(lane, signo, since);
        *relay = signo;
    } else if (c.limit_ns >= 0 && now < since + (uint64_t)c.limit_ns) {
        again = since + (uint64_t)c.limit_ns;
    }
    /* The thread looks at `work` when it leaves the guarded function. But it may do so just before we set it:
     * look again soon, instead of making every malloc pay for a fence. */
    return sf_sooner(again, now + 1000000);
}

/* Has its handler no SA_RESTART? */
static int ends_a_call(int signo)
{
    struct sf_action act;
    sf_disposition_get(signo, &act);
    return !(act.flags & SA_RESTART);
}

/* All that is held: advance it. Returns when to look again. */
uint64_t sf_patience(uint64_t now)
{
    uint64_t again = ~(uint64_t)0;
    for (uint32_t i = 0; i < sf_lane_high; i++) {
        struct sf_lane *lane = &sf_lanes[i];
        sf_set waits = (lane->held | lane->look) & ~lane->eff;
        int relay = 0;
        if (lane->state == SF_LANE_LIVE && SF_LOAD(&lane->interrupt) && SF_LOAD(&lane->point)) {
            sf_relay_send(lane, 0); /* the last one met a frame of ours */
            again = sf_sooner(again, now + 1000000);
        }
        if (lane->state != SF_LANE_LIVE || !waits || !(waits &= ~sf_runner_crowded(lane, waits)))
            continue;
        if (lane->point) {
            /* It parked with something waiting: the relay of the push was spent before it slept. */
            sf_relay_send(lane, sf_set_first(waits));
            again = sf_sooner(again, now + 1000000);
            continue;
        }
        for (int k = 0; k < SF_SLOTS; k++)
            if (SF_SCAN(&sf_slots[k].state) == SF_SLOT_READY && sf_slots[k].lane == i && SF_HAS(waits, sf_slots[k].signo))
                again = sf_sooner(again, advance(lane, &chances[k], sf_slots[k].signo, sf_slots[k].since, now, &relay));
        if (lane->look) {
            if (!lane->look_since)
                lane->look_since = now;
            for (sf_set rest = lane->look & waits; rest; rest &= rest - 1)
                again = sf_sooner(again, advance(lane, &lane->chance, sf_set_first(rest), lane->look_since, now, &relay));
        }
        /* In this order: it may just be falling asleep in the write of a stdio function, which is not to be cut. */
        if (relay && ends_a_call(relay) && sf_task_asleep(lane->tid) && SF_LOAD(&lane->guard.inside) == 0)
            sf_relay_wake(lane, relay);
        else if (relay)
            sf_relay_send(lane, relay);
    }
    return again;
}
