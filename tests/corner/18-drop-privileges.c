/* Case 18: root installs handlers, drops to another user, and signals of that user and to itself still arrive. */
/* needs: root */
#include "common.h"
#include <grp.h>
static volatile sig_atomic_t n;
static volatile uid_t from;
static void handler(int sig, siginfo_t *si, void *u) { n++; from = si->si_uid; }
int main(void)
{
    on_info(SIGHUP, handler, SA_RESTART);
    pid_t p = kill_when_asleep(SIGHUP);
    pause();
    reap(p);
    CHECK(setgroups(0, NULL) == 0 && setresgid(1234, 1234, 1234) == 0 && setresuid(1234, 1234, 1234) == 0);
    for (int k = 2; k < 6; k++) {
        pid_t me = getpid();
        p = child();
        if (p == 0)
            _exit(kill(me, SIGHUP) ? errno : 0);
        CHECK(k % 2 ? SPIN(n == k) : AWAIT(n == k));
        CHECK(reap(p) == 0);
        out("handled %d from %d\n", (int)n, (int)from);
    }
    raise(SIGHUP);
    out("handled %d\n", (int)n);
    return 0;
}
