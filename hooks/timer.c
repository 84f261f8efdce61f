/* context: thread, handler
 *
 * Timers that send signals. These arrive like any other; the trace is told who set the timer. But a program that stops
 * one counts on it that no more come: what has expired before is handled before the call begins, and what expires until the
 * kernel has stopped it, before the call returns. A timer that aims at one thread: see sf_route_aimed.
 *
 * The kernel counts overruns up to the last signal that it has handed out, and the listener may have taken the next one
 * before the handler of this one asks.
 */
#include "engine/event.h"
#include "hooks/hook.h"
#include "hooks/number.h"
#include <sys/time.h>

#define TIMERS 64

/* Which signal a timer sends: timer_settime does not say. */
static struct {
    timer_t volatile timer;
    volatile int signo; /* 0: free */
} timers[TIMERS];

static void note(timer_t timer, int signo)
{
    for (int i = 0; i < TIMERS; i++)
        if (!timers[i].signo || timers[i].timer == timer) {
            timers[i].timer = timer;
            timers[i].signo = signo;
            return;
        }
}

static int signal_of(timer_t timer)
{
    for (int i = 0; i < TIMERS; i++)
        if (timers[i].signo && timers[i].timer == timer)
            return timers[i].signo;
    return 0;
}

/* Around a call that changes a timer of this signal (0: none). Keeps errno. */
static void due(int signo)
{
    struct sf_lane *lane = sf_lane_self();
    int saved = errno;
    if (lane && signo)
        sf_replay_due(lane, signo);
    errno = saved;
}

SF_API int timer_create(clockid_t clock, struct sigevent *ev, timer_t *timer)
{
    int r = REAL(timer_create)(clock, ev, timer);
    if (r == 0 && (!ev || ev->sigev_notify == SIGEV_SIGNAL || ev->sigev_notify == SIGEV_THREAD_ID))
        note(*timer, ev ? ev->sigev_signo : SIGALRM);
    if (r == 0 && ev && ev->sigev_notify == SIGEV_THREAD_ID)
        sf_route_aimed(ev->sigev_signo);
    return r;
}

static uint64_t nanoseconds(int64_t seconds, int64_t rest, int64_t unit)
{
    return (uint64_t)(seconds * 1000000000 + rest * unit);
}

/* Recorded before the call: the first signal may come at once. */
static void sets(enum sf_send kind, int signo, uint64_t first, uint64_t period)
{
    struct sf_lane *lane = sf_lane_self();
    struct sf_sending s = {kind, sf_process.pid, 0, signo, first, period};
    if (lane && signo)
        sf_event_send(lane, &s);
}

SF_API unsigned alarm(unsigned seconds)
{
    SF_CALLER(sf_lane_self());
    unsigned left;
    due(SIGALRM);
    sets(SF_SEND_ALARM, SIGALRM, nanoseconds(seconds, 0, 0), 0);
    left = REAL(alarm)(seconds);
    due(SIGALRM);
    return left;
}

SF_API useconds_t ualarm(useconds_t first, useconds_t period)
{
    SF_CALLER(sf_lane_self());
    useconds_t left;
    due(SIGALRM);
    sets(SF_SEND_ALARM, SIGALRM, nanoseconds(0, first, 1000), nanoseconds(0, period, 1000));
    left = REAL(ualarm)(first, period);
    due(SIGALRM);
    return left;
}

SF_API int setitimer(__itimer_which_t which, const struct itimerval *now, struct itimerval *old)
{
    static const int sent[] = {SIGALRM, SIGVTALRM, SIGPROF};
    int signo = now && (unsigned)which < 3 ? sent[which] : 0, r;
    SF_CALLER(sf_lane_self());
    due(signo);
    if (signo && sf_tracing()) /* (else *now is the kernel's to read: it may be no address) */
        sets(SF_SEND_SETITIMER, signo, nanoseconds(now->it_value.tv_sec, now->it_value.tv_usec, 1000),
             nanoseconds(now->it_interval.tv_sec, now->it_interval.tv_usec, 1000));
    r = REAL(setitimer)(which, now, old);
    due(signo);
    return r;
}

SF_API int timer_settime(timer_t timer, int flags, const struct itimerspec *now, struct itimerspec *old)
{
    SF_CALLER(sf_lane_self());
    int signo = now ? signal_of(timer) : 0, r;
    due(signo);
    if (signo && sf_tracing())
        sets(SF_SEND_TIMER_SETTIME, signo, nanoseconds(now->it_value.tv_sec, now->it_value.tv_nsec, 1),
             nanoseconds(now->it_interval.tv_sec, now->it_interval.tv_nsec, 1));
    r = REAL(timer_settime)(timer, flags, now, old);
    due(signo);
    return r;
}

/* The count that came with the signal of this timer whose handler runs here, the innermost; -1: none does. `timer` is the
 * kernel's number. */
int sf_timer_overrun(const struct sf_lane *lane, intptr_t timer)
{
    for (const struct sf_frame *f = lane->frame; f; f = f->prev)
        if (f->info && f->info->si_code == SI_TIMER && f->info->si_timerid == timer)
            return f->info->si_overrun;
    return -1;
}

SF_API int timer_getoverrun(timer_t timer)
{
    struct sf_lane *lane = sf_lane_self();
    int r = lane ? sf_timer_overrun(lane, (intptr_t)timer) : -1; /* (of one with SIGEV_THREAD it is no number, and < 0) */
    return r >= 0 ? r : REAL(timer_getoverrun)(timer);
}
