/* Case 1: flag and pause(); the handler has run before the call returns EINTR. */
#include "common.h"
static volatile sig_atomic_t quit;
static void handler(int sig) { quit = sig; }
int main(void)
{
    on(SIGTERM, handler, SA_RESTART);
    pid_t p = kill_when_asleep(SIGTERM);
    int r = pause();
    int e = errno;
    out("pause %d %s quit %d\n", r, strerrorname_np(e), (int)quit);
    CHECK(reap(p) == 0);
    return 0;
}
