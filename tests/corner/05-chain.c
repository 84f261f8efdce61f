/* Case 5: handlers that chain to what sigaction gave back, three deep, as plug-ins do; no loop. */
#include "common.h"
static struct sigaction old[3];
static volatile sig_atomic_t n[4];
static void base(int sig) { n[0]++; }
static void chain(int k, int sig, siginfo_t *si, void *u)
{
    n[k + 1]++;
    if (old[k].sa_flags & SA_SIGINFO)
        old[k].sa_sigaction(sig, si, u);
    else if (old[k].sa_handler != SIG_DFL && old[k].sa_handler != SIG_IGN)
        old[k].sa_handler(sig);
}
static void c0(int s, siginfo_t *si, void *u) { chain(0, s, si, u); }
static void c1(int s, siginfo_t *si, void *u) { chain(1, s, si, u); }
static void c2(int s, siginfo_t *si, void *u) { chain(2, s, si, u); }
int main(void)
{
    void (*f[3])(int, siginfo_t *, void *) = {c0, c1, c2};
    struct sigaction a;
    signal(SIGUSR1, base);
    for (int k = 0; k < 3; k++) {
        memset(&a, 0, sizeof a);
        a.sa_sigaction = f[k];
        a.sa_flags = SA_SIGINFO;
        CHECK(sigaction(SIGUSR1, &a, &old[k]) == 0);
    }
    raise(SIGUSR1);
    kill(getpid(), SIGUSR1);
    pid_t p = kill_when_asleep(SIGUSR1);
    pause();
    reap(p);
    out("%d %d %d %d\n", (int)n[0], (int)n[1], (int)n[2], (int)n[3]);
    for (int k = 2; k >= 0; k--)
        CHECK(sigaction(SIGUSR1, &old[k], NULL) == 0);
    raise(SIGUSR1);
    out("%d %d %d %d\n", (int)n[0], (int)n[1], (int)n[2], (int)n[3]);
    return 0;
}
