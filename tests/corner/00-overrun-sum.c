/* Semantics: the handlers of a timer, each with what timer_getoverrun then says, add up to its expirations. */
/* not: jitter */
#include "common.h"
static timer_t id;
static volatile long sum;
static volatile int by_number;
static void handler(int sig) { sum += 1 + (by_number ? syscall(SYS_timer_getoverrun, (long)id) : timer_getoverrun(id)); }

/* Expirations of 1 ms while the program computes, and now and then sleeps. */
static void leg(const char *what, int sig)
{
    struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = sig};
    struct itimerspec its = {{0, 1000000}, {0, 1000000}}, off = {{0, 0}, {0, 0}};
    int64_t first, begin, least, most;
    on(sig, handler, SA_RESTART);
    sum = 0;
    CHECK(timer_create(CLOCK_MONOTONIC, &e, &id) == 0);
    first = now_ms();
    timer_settime(id, 0, &its, NULL);
    begin = now_ms();
    while (now_ms() < begin + 400) {
        for (int64_t t = now_ms(); now_ms() < t + 25;)
            ;
        usleep(5000);
    }
    least = now_ms() - begin - 20; /* (what expires just as it is stopped may be lost, if this thread is late) */
    timer_settime(id, 0, &off, NULL);
    most = now_ms() - first + 3;
    timer_delete(id);
    out("%s: %s\n", what, sum > most ? "too many" : sum < least ? "too few" : "all");
}

int main(void)
{
    leg("standard", SIGUSR1);
    leg("real-time", SIGRTMIN + 9);
    by_number = 1;
    leg("by number", SIGUSR2);
    CHECK(timer_getoverrun((timer_t)99) == -1 && errno == EINVAL);
    return 0;
}
