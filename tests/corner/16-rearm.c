/* Case 16: System V style: the handler installs itself again; another replaces itself by the next one; one sets
 * its signal to SIG_IGN, one to SIG_DFL and the default is to be ignored. */
#include "common.h"
static volatile int n, m[3];
static void again(int sig) { sysv_signal(sig, again); n++; }
static void third(int sig) { m[2]++; signal(sig, SIG_IGN); }
static void second(int sig) { m[1]++; signal(sig, third); }
static void first(int sig) { m[0]++; signal(sig, second); }
int main(void)
{
    pid_t me = getpid();
    sysv_signal(SIGUSR1, again);
    signal(SIGUSR2, first);
    for (int k = 1; k <= 6; k++) {
        if (k % 3 == 0) {
            raise(SIGUSR1), raise(SIGUSR2);
            continue;
        }
        pid_t p = child();
        if (p == 0)
            _exit(kill(me, SIGUSR1) || kill(me, SIGUSR2));
        CHECK(k % 2 ? SPIN(n == k) : AWAIT(n == k));
        CHECK(AWAIT(m[0] + m[1] + m[2] == (k < 3 ? k : 3)));
        reap(p);
    }
    out("again %d, chain %d %d %d\n", n, m[0], m[1], m[2]);
    return 0;
}
