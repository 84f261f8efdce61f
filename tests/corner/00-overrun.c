/* Semantics: a timer that fires a hundred times while its signal is blocked: one signal, the rest in the overrun. */
#include "common.h"
static volatile int n, overrun;
static timer_t id;
static void handler(int sig, siginfo_t *si, void *u) { n++; overrun += si->si_overrun + 1; }
int main(void)
{
    struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 9};
    struct itimerspec its = {{0, 1000000}, {0, 1000000}}, off = {{0, 0}, {0, 0}}, now;
    on_info(SIGRTMIN + 9, handler, SA_RESTART);
    CHECK(timer_create(CLOCK_MONOTONIC, &e, &id) == 0);
    raise(SIGRTMIN + 9);
    n = overrun = 0;
    block(SIGRTMIN + 9);
    timer_settime(id, 0, &its, NULL);
    for (int64_t t = now_ms(); now_ms() < t + 60;)
        usleep(5000);
    timer_gettime(id, &now);
    its = now;
    unblock(SIGRTMIN + 9);
    out("one at once %d, missed ticks told %d\n", n >= 1, overrun >= 40);
    CHECK(AWAIT(n > 3));
    timer_settime(id, 0, &off, NULL);
    timer_delete(id);
    return 0;
}
