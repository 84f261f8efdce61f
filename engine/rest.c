/* context: listener; sf_rest_end: thread
 *
 * When every thread has been parked for a while, each signal goes straight from the kernel to its thread, and a listener
 * that is woken by the same signal only fights that thread for the processor: it doubled the time to the handler. So it
 * leaves the bell, and a thread that leaves its point calls it back.
 *
 * The thread clears `point` (with a full barrier), then looks at `deep`; we set `deep`, then look at `point`. What comes in
 * between is pending, and found by the look that follows.
 *
 * Called back by a wake-up, the listener would run at the same time as the thread, on the other processor, and the next
 * signal found its receiver moved to a cold one. So it is called by a timer, which gives a thread that is soon back in its
 * point the time to get there. That may not be long: of a standard signal, one pends, and a second one that comes
 * before the listener is back merges with it.
 */
#include "engine/rest.h"
#include "engine/aimed.h"
#include "engine/taken.h"
#include "engine/timer.h"

#define QUIET_MIN_NS 200000 /* all parked and no bell for so long: rest */
#define QUIET_MAX_NS 1000000000
#define LATER_NS 200000
#define AT_ONCE_NS 1

enum { AWAKE, CALL_AT_ONCE, CALL_LATER, CALLED }; /* sf_process.deep */

static uint64_t quiet;
static int again; /* the last rest was worth it: no need to wait for the next */
static volatile uint32_t never;

void sf_rest_start(void)
{
    quiet = 16 * QUIET_MIN_NS;
    again = 0;
}

/* Is there a signal at all that rings the bell? If not, whatever the threads do: it would never ring, and the kernel yet wake
 * who waits at it, for every signal. (The first to be closed, or shown, pokes.) */
static int bell_rings(void)
{
    return (SF_LOAD(&sf_process.doorbell) | sf_taken_bell()) != 0;
}

int sf_rest_may(void)
{
    if (SF_LOAD(&never) || !sf_timer_can_alarm())
        return 0; /* nobody could call it back: it stays at its bell, for as long as that is silent */
    if (!bell_rings())
        return 1;
    for (uint32_t i = 0; i < sf_lane_high; i++)
        if (SF_LOAD(&sf_lanes[i].state) == SF_LANE_LIVE && !sf_lanes[i].is_runner &&
            (!SF_LOAD(&sf_lanes[i].point) || SF_LOAD(&sf_lanes[i].held) || SF_LOAD(&sf_lanes[i].look)))
            return 0;
    /* Last: a thread that closes a gate for good, and then parks behind it, calls nobody. */
    return !SF_LOAD(&sf_process.nogate);
}

uint64_t sf_rest_after(void)
{
    return again ? 0 : quiet;
}

/* Whom may the moment that the timer takes disturb? */
static uint32_t how_to_call(void)
{
    sf_set rest = SF_LOAD(&sf_process.closed);
    if (!bell_rings())
        return AWAKE; /* nothing ever waits for us: nobody need call */
    for (; rest; rest &= rest - 1)
        if (sf_route_policy(sf_set_first(rest), NULL) != SF_REPLAY_POINT ||
            sf_config_signal(&sf_process.config, sf_set_first(rest)).patience_ns < 16 * LATER_NS)
            return CALL_AT_ONCE;
    return CALL_LATER;
}

void sf_rest(void)
{
    sf_set own = SF_BIT(sf_process.relay[0]);
    uint64_t direct = sigferry_status.counter[SF_COUNT_DIRECT];
    siginfo_t info = {0}; /* (valgrind does not see the kernel fill it) */

    SF_STORE(&sf_process.deep, how_to_call());
    /* A poke, a tick or the alarm. No other signal is ever given to a thread that waits so. */
    if (sf_rest_may() && !SF_LOAD(&sf_process.listener_gone) &&
        SF_SYS(SYS_rt_sigtimedwait, &own, &info, NULL, 8, 0, 0) > 0 && sf_timer_is_tick(&info))
        sf_aimed_tick();
    SF_STORE(&sf_process.deep, AWAKE);
    again = sigferry_status.counter[SF_COUNT_DIRECT] != direct;
    /* Called back for nothing: a program that gets few signals is not to pay for it at every request. */
    if (!again && quiet < QUIET_MAX_NS)
        quiet *= 2;
}

void sf_rest_disturbed(uint64_t direct)
{
    again = 0;
    if (sigferry_status.counter[SF_COUNT_DIRECT] != direct)
        quiet = QUIET_MIN_NS;
}

void sf_rest_end(struct sf_lane *lane)
{
    uint32_t how = SF_LOAD(&sf_process.deep);
    if (SF_LOAD(&never) || (how != CALL_AT_ONCE && how != CALL_LATER))
        return; /* (who said never has poked) */
    lane->busy++; /* a handler that jumped out between the two would leave the listener called, and asleep */
    if (__atomic_compare_exchange_n(&sf_process.deep, &how, CALLED, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
        sf_timer_alarm(how == CALL_LATER ? LATER_NS : AT_ONCE_NS);
    sf_busy_end(lane);
}

void sf_rest_never(void)
{
    if (__atomic_exchange_n(&never, 1, __ATOMIC_SEQ_CST) == 0)
        sf_listener_poke();
}
