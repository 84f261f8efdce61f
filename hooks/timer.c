/* context: thread, handler
 *
 * Timers that send signals. Nothing is to be done for them but to tell the trace who set them: the kernel's signals
 * arrive like any other. A timer that aims at one thread is another matter: see sf_route_aimed.
 */
#include "engine/event.h"
#include "hooks/hook.h"
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
    sets(SF_SEND_ALARM, SIGALRM, nanoseconds(seconds, 0, 0), 0);
    return REAL(alarm)(seconds);
}

SF_API useconds_t ualarm(useconds_t first, useconds_t period)
{
    SF_CALLER(sf_lane_self());
    sets(SF_SEND_ALARM, SIGALRM, nanoseconds(0, first, 1000), nanoseconds(0, period, 1000));
    return REAL(ualarm)(first, period);
}

SF_API int setitimer(__itimer_which_t which, const struct itimerval *now, struct itimerval *old)
{
    static const int sent[] = {SIGALRM, SIGVTALRM, SIGPROF};
    SF_CALLER(sf_lane_self());
    if (now && (unsigned)which < 3)
        sets(SF_SEND_SETITIMER, sent[which], nanoseconds(now->it_value.tv_sec, now->it_value.tv_usec, 1000),
             nanoseconds(now->it_interval.tv_sec, now->it_interval.tv_usec, 1000));
    return REAL(setitimer)(which, now, old);
}

SF_API int timer_settime(timer_t timer, int flags, const struct itimerspec *now, struct itimerspec *old)
{
    SF_CALLER(sf_lane_self());
    if (now && sf_tracing())
        sets(SF_SEND_TIMER_SETTIME, signal_of(timer), nanoseconds(now->it_value.tv_sec, now->it_value.tv_nsec, 1),
             nanoseconds(now->it_interval.tv_sec, now->it_interval.tv_nsec, 1));
    return REAL(timer_settime)(timer, flags, now, old);
}
