/* Case 23: ticks come while the program computes. Once it has stopped its timer, by whichever call, all that it has sent
 * have been handled, and none comes later. */
#include "common.h"
static volatile sig_atomic_t n;
static void handler(int sig) { n++; }
static timer_t id;

static void start(int how)
{
    struct itimerval it = {{0, 1000}, {0, 1000}};
    struct itimerspec every = {{0, 1000000}, {0, 1000000}};
    struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    if (how < 2) {
        CHECK(setitimer(ITIMER_REAL, &it, NULL) == 0);
        return;
    }
    CHECK(timer_create(CLOCK_MONOTONIC, &ev, &id) == 0);
    CHECK(timer_settime(id, 0, &every, NULL) == 0);
}

static void stop(int how)
{
    struct itimerval off = {{0, 0}, {0, 0}};
    struct itimerspec never = {{0, 0}, {0, 0}};
    if (how == 0)
        CHECK(setitimer(ITIMER_REAL, &off, NULL) == 0);
    else if (how == 1)
        alarm(0);
    else
        CHECK(timer_settime(id, 0, &never, NULL) == 0);
}

int main(void)
{
    struct timespec ms = {0, 1000000};
    int late = 0, came = 0;
    on(SIGALRM, handler, 0);
    for (int i = 0; i < 40; i++) {
        int64_t end;
        int had = n, before;
        start(i % 3);
        end = now_ns() + 3300000; /* afterwards: it may have lost its processor before */
        while (now_ns() < end)
            ;
        stop(i % 3);
        before = n;
        nanosleep(&ms, NULL);
        late += n != before;
        came += n > had;
        if (i % 3 == 2)
            timer_delete(id);
    }
    out("rounds with ticks %d, with one after the end %d\n", came, late);
    return 0;
}
