/* context: listener
 *
 * Signals that another process aims at one thread (tgkill). Such a signal pends privately in a thread that blocks it:
 * no signalfd of another thread shows it, and a thread that computes, or sleeps behind a closed gate, passes no point.
 * What pends for a thread can be read in /proc; this file knows when to read it.
 *
 * A busy thread burns processor time: a timer on that of the process rings every 20 ms of it. An idle process is never
 * woken.
 *
 * A thread that sleeps behind a closed gate (route = signalfd, the helpers) burns none. But the kernel wakes the
 * readers of every signalfd of a process for each signal sent to any of its threads, and only then has the reader look
 * whether there is something for itself. So while any gate is closed there always is: one relay stays pending in the
 * listener, is part of the bell's mask, and is never taken. Then the bell, edge-triggered, rings for every signal.
 */
#include "engine/aimed.h"

#include "engine/engine.h"
#include "engine/task.h"
#include "engine/timer.h"

#define TICK_LANES 4     /* looked at in one go */
#define PAUSE_NS 1000000 /* between two goes: in a storm of signals the bell rings all the time */
#define RETRY_NS 100000000

static int token; /* it pends */
static int refused; /* the timer: the user's RLIMIT_SIGPENDING is used up */
static uint32_t next, left; /* lane to be looked at next; how many are left of this round */
static uint64_t not_before;

void sf_aimed_start(void)
{
    token = 0;
    left = 0;
    refused = sf_timers_start() == -EAGAIN;
}

sf_set sf_aimed_token(void)
{
    if (!SF_LOAD(&sf_process.nogate))
        return 0;
    if (!token)
        token = sys_tgkill(sf_process.pid, sf_process.listener_tid, sf_process.relay[1]) == 0;
    return token ? SF_BIT(sf_process.relay[1]) : 0;
}

/* What pends for this thread alone and waits behind its closed mask? 0: not a thread to be looked at. */
static int look_at(struct sf_lane *lane)
{
    sf_set pending;
    if (SF_LOAD(&lane->state) != SF_LANE_LIVE || lane->is_runner)
        return 0;
    if (SF_LOAD(&lane->point) && !(sf_process.nogate & ~SF_LOAD(&lane->eff)))
        return 0; /* parked with its gate open: the kernel delivers it */
    pending = sf_task_pending(lane->tid) & SF_LOAD(&sf_process.closed) & ~SF_LOAD(&lane->eff);
    for (pending &= ~SF_LOAD(&lane->look); pending; pending &= pending - 1)
        sf_route_aim(lane, sf_set_first(pending));
    return 1;
}

/* Go on with the round, as far as `lanes`, and TICK_LANES of those that need it. */
static uint32_t go_round(uint32_t lanes)
{
    for (int looked = 0; lanes && looked < TICK_LANES; lanes--)
        looked += look_at(&sf_lanes[next++ % sf_lane_high]);
    return lanes;
}

void sf_aimed_tick(void)
{
    go_round(sf_lane_high);
}

static uint64_t look_behind_gates(uint64_t now, int rang)
{
    if (rang || !token)
        left = sf_lane_high;
    if (left && now >= not_before) {
        left = go_round(left);
        not_before = now + PAUSE_NS;
    }
    return left ? not_before : token ? ~(uint64_t)0 : now + RETRY_NS;
}

uint64_t sf_aimed_look(uint64_t now, int rang)
{
    uint64_t again = ~(uint64_t)0;
    if (SF_LOAD(&sf_process.nogate))
        again = look_behind_gates(now, rang);
    if (!refused)
        return again;
    /* A poke may be refused, too, and then it is the tick that has us look at what waits for a thread that computes. Until
     * there is one, look from time to time. */
    refused = sf_timers_start() == -EAGAIN;
    sf_aimed_tick();
    return refused ? sf_sooner(again, now + RETRY_NS) : again;
}
