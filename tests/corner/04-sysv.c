/* Case 4: sighold, sigrelse, sigignore, sigset(SIG_HOLD), sigpause in both meanings. */
#include "common.h"
static volatile sig_atomic_t n;
static void a(int sig) { n++; }
extern int __xpg_sigpause(int);
extern int __sigpause(int, int);
int main(void)
{
    sigset(SIGUSR1, a);
    /* SIG_ERR is a handler like any other to it; nobody should send the signal then. */
    CHECK(sigset(SIGUSR1, SIG_ERR) == a);
    CHECK(sigset(SIGUSR1, a) == SIG_ERR);
    errno = 0;
    CHECK(sigset(SIGUSR1, a) == a && errno == 0);
    CHECK(sigset(0, SIG_ERR) == SIG_ERR && errno == EINVAL);
    CHECK(sighold(SIGUSR1) == 0);
    out("held %llx\n", (unsigned long long)my_mask());
    raise(SIGUSR1), raise(SIGUSR1);
    out("pending %llx handled %d\n", (unsigned long long)my_pending(), (int)n);
    CHECK(sigrelse(SIGUSR1) == 0);
    out("released %llx handled %d\n", (unsigned long long)my_mask(), (int)n);
    out("hold by sigset %d\n", sigset(SIGUSR1, SIG_HOLD) == a);
    raise(SIGUSR1);
    out("handled %d mask %llx\n", (int)n, (unsigned long long)my_mask());
    out("back %d\n", sigset(SIGUSR1, a) == SIG_HOLD);
    out("handled %d mask %llx\n", (int)n, (unsigned long long)my_mask());
    sighold(SIGUSR1);
    raise(SIGUSR1);
    int r = __xpg_sigpause(SIGUSR1);
    out("sigpause %d %s handled %d mask %llx\n", r, strerrorname_np(errno), (int)n, (unsigned long long)my_mask());
    sighold(SIGUSR2);
    raise(SIGUSR1);
    r = __sigpause(0, 0); /* BSD: the mask to wait with */
    out("bsd sigpause %d %s handled %d mask %llx\n", r, strerrorname_np(errno), (int)n, (unsigned long long)my_mask());
    CHECK(sigignore(SIGUSR1) == 0);
    sigrelse(SIGUSR1);
    raise(SIGUSR1);
    out("ignored: handled %d\n", (int)n);
    out("errors %d %d %d\n", sighold(1000), sigrelse(-3), sigignore(SIGKILL));
    return 0;
}
