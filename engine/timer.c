/* context: listener; sf_timer_alarm: thread, handler
 *
 * The listener's own two timers. The first ticks while the process burns processor time, and never in one that sleeps. The
 * second is an alarm, once. Both ring with a relay, aimed at the listener.
 */
#include "engine/timer.h"

#include <time.h>

#include "engine/engine.h"

#define TICK_NS 20000000 /* of processor time of the process */

enum { TICK, ALARM, TIMERS };
static volatile int made[TIMERS]; /* the kernel's number plus one; 0: not there */

static int make(int which, clockid_t clock)
{
    struct sigevent ev;
    long err;
    int id = -1;
    if (made[which])
        return 0;
    memset(&ev, 0, sizeof ev);
    ev.sigev_notify = SIGEV_THREAD_ID;
    ev.sigev_signo = sf_process.relay[0];
    ev.sigev_value.sival_int = which;
    ev._sigev_un._tid = sf_process.listener_tid;
    err = SF_SYS(SYS_timer_create, clock, &ev, &id, 0, 0, 0);
    if (err == 0)
        SF_STORE(&made[which], id + 1);
    return (int)err;
}

int sf_timers_start(void)
{
    struct itimerspec every = {{0, TICK_NS}, {0, TICK_NS}};
    int ticks = made[TICK], err = make(TICK, CLOCK_PROCESS_CPUTIME_ID);
    if (err == 0 && !ticks)
        SF_SYS(SYS_timer_settime, made[TICK] - 1, 0, &every, NULL, 0, 0);
    return make(ALARM, CLOCK_MONOTONIC) == -EAGAIN ? -EAGAIN : err;
}

/* They are the process's, not the listener's: without this each listener, of which a program that changes its identity
 * for every request needs one each time, left two of them behind. */
void sf_timers_stop(void)
{
    for (int i = 0; i < TIMERS; i++) {
        int id = __atomic_exchange_n(&made[i], 0, __ATOMIC_SEQ_CST);
        if (id)
            SF_SYS(SYS_timer_delete, id - 1, 0, 0, 0, 0, 0);
    }
}

void sf_timers_forget(void)
{
    for (int i = 0; i < TIMERS; i++)
        if (made[i]) /* the page stays shared with the parent */
            made[i] = 0;
}

int sf_timer_is_tick(const siginfo_t *info)
{
    return info->si_code == SI_TIMER && info->si_value.sival_int == TICK;
}

int sf_timer_can_alarm(void)
{
    return SF_LOAD(&made[ALARM]) != 0;
}

void sf_timer_alarm(uint64_t ns)
{
    struct itimerspec once = {{0, 0}, {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)}};
    int id = SF_LOAD(&made[ALARM]);
    if (id)
        SF_SYS(SYS_timer_settime, id - 1, 0, &once, NULL, 0, 0);
}
