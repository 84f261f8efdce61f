/* Case 7: SIGEV_THREAD_ID timers tick in the thread they name. */
/* not: helper */
#include "napping.h"
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif
static volatile int ticks, wrong;
static void handler(int sig, siginfo_t *si, void *u)
{
    if (gettid_() != napping || si->si_code != SI_TIMER || si->si_value.sival_int != 77)
        wrong++;
    ticks++;
}
int main(void)
{
    pthread_t t;
    timer_t id;
    struct sigevent e = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN + 6, .sigev_value.sival_int = 77};
    struct itimerspec it = {{0, 2000000}, {0, 2000000}};
    on_info(SIGRTMIN + 6, handler, 0);
    t = napping_thread();
    e.sigev_notify_thread_id = napping;
    CHECK(timer_create(CLOCK_MONOTONIC, &e, &id) == 0);
    CHECK(timer_settime(id, 0, &it, NULL) == 0);
    CHECK(AWAIT(ticks >= 20));
    timer_delete(id);
    napping_ends(t);
    out("ticks enough, wrong %d\n", wrong);
    return 0;
}
