/* context: listener, thread
 * The listener's own two timers. */
#ifndef SF_ENGINE_TIMER_H
#define SF_ENGINE_TIMER_H

#include <signal.h>
#include <stdint.h>

/* Make those that are not there yet. 0, or -EAGAIN: the user's RLIMIT_SIGPENDING is used up (each timer counts). Listener. */
int sf_timers_start(void);
/* The listener has ended. Thread context, with the lock held. */
void sf_timers_stop(void);
/* In a forked child, which has none. */
void sf_timers_forget(void);

/* Is *info, of a relay that the listener has got, a tick: has the process burnt another 20 ms of processor time? */
int sf_timer_is_tick(const siginfo_t *info);

/* Have the listener woken in `ns` (> 0) nanoseconds. Any context, any thread; needs no room in the user's queue. */
void sf_timer_alarm(uint64_t ns);
/* Can it be? */
int sf_timer_can_alarm(void);

#endif
