/* Case 1: nanosleep and clock_nanosleep: EINTR, the remaining time; an absolute sleep leaves it alone. */
#include "common.h"
static volatile sig_atomic_t n;
static void handler(int sig) { n++; }
int main(void)
{
    struct timespec want = {20, 0}, rest = {-1, -1}, abs;
    on(SIGUSR1, handler, SA_RESTART);
    pid_t p = kill_when_asleep(SIGUSR1);
    int64_t t = now_ns();
    int r = nanosleep(&want, &rest);
    int e = errno;
    int64_t slept = now_ns() - t, left = rest.tv_sec * 1000000000ll + rest.tv_nsec;
    out("nanosleep %d %s rest %s\n", r, strerrorname_np(e),
        left <= 20000000000ll && left >= 20000000000ll - slept ? "right" : "wrong");
    reap(p);
    p = kill_when_asleep(SIGUSR1);
    rest.tv_sec = -1;
    r = clock_nanosleep(CLOCK_MONOTONIC, 0, &want, &rest);
    out("clock_nanosleep %s rest %d\n", strerrorname_np(r), rest.tv_sec >= 0 && rest.tv_sec < 20);
    reap(p);
    p = kill_when_asleep(SIGUSR1);
    clock_gettime(CLOCK_MONOTONIC, &abs);
    abs.tv_sec += 20;
    rest.tv_sec = -5;
    r = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &abs, &rest);
    out("absolute %s rest %d handled %d\n", strerrorname_np(r), (int)rest.tv_sec, (int)n);
    reap(p);
    struct timespec bad = {0, 2000000000};
    r = nanosleep(&bad, NULL);
    out("bad %d %s\n", r, strerrorname_np(errno));
    return 0;
}
