/* Case 1: sleep() cut short returns the rest; usleep returns EINTR; a second sleep runs its time. */
#include "common.h"
static volatile sig_atomic_t n;
static void handler(int sig) { n++; }
int main(void)
{
    on(SIGHUP, handler, SA_RESTART);
    pid_t p = kill_when_asleep(SIGHUP);
    int64_t t = now_ms();
    unsigned left = sleep(30);
    out("sleep left %s handled %d\n", left >= 29 - (now_ms() - t) / 1000 && left <= 30 ? "right" : "wrong", (int)n);
    reap(p);
    p = kill_when_asleep(SIGHUP);
    int r = usleep(9000000);
    out("usleep %d %s handled %d\n", r, r < 0 ? strerrorname_np(errno) : "-", (int)n);
    reap(p);
    t = now_ms();
    r = usleep(50000);
    out("usleep again %d %d\n", r, now_ms() - t >= 50);
    return 0;
}
