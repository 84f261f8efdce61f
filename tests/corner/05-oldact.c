/* Case 5: oldact tells the truth: handler, flags, mask, for sigaction and signal; failures change nothing. */
#include "common.h"
static volatile sig_atomic_t n;
static void h(int sig) { n++; }
static void i(int sig, siginfo_t *si, void *u) { n += 10; }
static void show(const char *who, const struct sigaction *a)
{
    void *p = (void *)a->sa_sigaction;
    out("%s: %s flags %x mask %llx\n", who, p == (void *)SIG_DFL ? "DFL" : p == (void *)SIG_IGN ? "IGN" : p == (void *)h ? "h" : p == (void *)i ? "i" : "?",
        a->sa_flags & ~0x04000000, (unsigned long long)bits(&a->sa_mask));
}
int main(void)
{
    struct sigaction a, o;
    static const int flags[] = {0, SA_RESTART, SA_NODEFER | SA_RESETHAND, SA_ONSTACK, SA_SIGINFO | SA_RESTART, SA_NOCLDSTOP | SA_NOCLDWAIT};
    for (int sig = 1; sig < 60; sig += 7) {
        if (sig == SIGKILL || sig == 32 || sig == 33)
            continue;
        for (unsigned k = 0; k < 6; k++) {
            memset(&a, 0, sizeof a);
            a.sa_sigaction = flags[k] & SA_SIGINFO ? i : (void (*)(int, siginfo_t *, void *))(void *)h;
            a.sa_flags = flags[k];
            a.sa_mask = set_of(SIGHUP, SIGRTMIN + 5, SIGKILL, 0);
            memset(&o, 0x55, sizeof o);
            CHECK(sigaction(sig, &a, &o) == 0);
            show("old", &o);
        }
        CHECK(sigaction(sig, NULL, &o) == 0);
        show("read", &o);
    }
    CHECK(sigaction(SIGUSR1, NULL, NULL) == 0);
    out("kill %d %s\n", sigaction(SIGKILL, &a, NULL), strerrorname_np(errno));
    out("stop %d %s\n", sigaction(SIGSTOP, &a, &o), strerrorname_np(errno));
    CHECK(sigaction(SIGKILL, NULL, &o) == 0);
    out("bad %d %s\n", sigaction(0, NULL, &o), strerrorname_np(errno));
    out("bad %d %s\n", sigaction(65, NULL, &o), strerrorname_np(errno));
    out("cancel %d %s\n", sigaction(32, &a, NULL), strerrorname_np(errno));
    on_info(SIGUSR2, i, SA_RESTART);
    out("signal gives back %d\n", signal(SIGUSR2, h) == (void (*)(int))(void *)i);
    out("signal gives back %d\n", signal(SIGUSR2, SIG_IGN) == h);
    return 0;
}
