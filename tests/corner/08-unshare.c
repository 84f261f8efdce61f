/* Case 8: unshare(CLONE_NEWUSER | ...) refuses callers with threads: it must work as natively, and signals go on. */
#include "common.h"
#include <sched.h>
static volatile sig_atomic_t n;
static void handler(int sig) { n++; }
int main(void)
{
    char b[40];
    on(SIGUSR1, handler, 0);
    pid_t p = kill_when_asleep(SIGUSR1);
    pause();
    reap(p);
    p = child();
    if (p == 0) {
        int r = unshare(CLONE_NEWUSER);
        out("before anything %d %s\n", r, r ? strerrorname_np(errno) : "-");
        _exit(0);
    }
    reap(p);
    int r = unshare(CLONE_NEWUSER);
    out("unshare %d %s handled %d\n", r, r ? strerrorname_np(errno) : "-", (int)n);
    r = unshare(CLONE_THREAD);
    out("unshare(CLONE_THREAD) %d %s\n", r, r ? strerrorname_np(errno) : "-");
    pid_t me = getpid();
    p = child();
    if (p == 0)
        _exit(kill(me, SIGUSR1) ? errno : 0);
    CHECK(AWAIT(n == 2));
    out("%s handled %d\n", ended(reap(p), b), (int)n);
    return 0;
}
