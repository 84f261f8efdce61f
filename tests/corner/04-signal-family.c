/* Case 4: signal, bsd_signal, ssignal, sysv_signal, __sysv_signal, sigset: results, flags, resets. */
#include "common.h"
typedef void (*handler_t)(int);
extern handler_t bsd_signal(int, handler_t);
extern handler_t __sysv_signal(int, handler_t);
static volatile sig_atomic_t n;
static void a(int sig) { n++; }
static void b(int sig) { n += 100; }
static const char *name(handler_t h)
{
    return h == SIG_DFL ? "DFL" : h == SIG_IGN ? "IGN" : h == SIG_ERR ? "ERR" : h == SIG_HOLD ? "HOLD" : h == a ? "a" : h == b ? "b" : "?";
}
static void try_(const char *who, handler_t (*f)(int, handler_t), int sig)
{
    struct sigaction s;
    n = 0;
    out("%s: %s", who, name(f(sig, a)));
    out(" %s", name(f(sig, b)));
    out(" %s", name(f(sig, a)));
    sigaction(sig, NULL, &s);
    out(" flags %x handler %s", s.sa_flags & ~0x04000000, name(s.sa_handler));
    raise(sig);
    sigaction(sig, NULL, &s);
    out(" then %s n %d", name(s.sa_handler), (int)n);
    out(" %s", name(f(sig, SIG_IGN)));
    out(" %s", name(f(sig, SIG_DFL)));
    errno = 0;
    out(" bad %s", name(f(SIGKILL, a)));
    out(" %s", strerrorname_np(errno));
    out(" %s\n", name(f(1000, a)));
}
int main(void)
{
    try_("signal", signal, SIGUSR1);
    try_("ssignal", ssignal, SIGUSR2);
    try_("sysv_signal", sysv_signal, SIGTERM);
    try_("__sysv_signal", __sysv_signal, SIGINT);
    try_("sigset", sigset, SIGHUP);
    siginterrupt(SIGUSR1, 1);
    out("signal again %s\n", name(signal(SIGUSR1, a)));
    struct sigaction s;
    sigaction(SIGUSR1, NULL, &s);
    out("after siginterrupt %x\n", s.sa_flags & ~0x04000000);
    siginterrupt(SIGUSR1, 0);
    sigaction(SIGUSR1, NULL, &s);
    out("siginterrupt off %x %s\n", s.sa_flags & ~0x04000000, name(s.sa_handler));
    return 0;
}
