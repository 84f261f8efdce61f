/* Case 8: setns into a user namespace of a child, with a handler installed and used before. */
/* needs: root */
#include "common.h"
#include <sched.h>
static volatile sig_atomic_t n;
static void handler(int sig) { n++; }
int main(void)
{
    char path[64];
    on(SIGUSR1, handler, 0);
    pid_t p = kill_when_asleep(SIGUSR1);
    pause();
    reap(p);
    volatile int *state = shared(4096);
    p = child();
    if (p == 0) {
        *state = unshare(CLONE_NEWUSER) == 0 ? 1 : 2;
        _exit(!AWAIT(*state == 3));
    }
    CHECK(AWAIT(*state));
    if (*state == 2)
        SKIP("no user namespaces");
    snprintf(path, sizeof path, "/proc/%d/ns/user", p);
    int fd = open(path, O_RDONLY), r = setns(fd, CLONE_NEWUSER);
    out("setns %d %s\n", r, r ? strerrorname_np(errno) : "-");
    *state = 3;
    reap(p);
    raise(SIGUSR1);
    p = kill_when_asleep(SIGUSR1);
    pause();
    reap(p);
    out("handled %d\n", (int)n);
    return 0;
}
