/* Case 16: handler A cut by B cut by C, sa_mask, SA_NODEFER, SA_RESETHAND; masks inside and after each. */
/* not: helper (it sends signals to itself and waits for them: that is tied to its thread) */
#include "common.h"
static volatile int depth, runs, quiet;
static void c(int sig) { out("%*sC mask %llx\n", 2 * depth, "", (unsigned long long)my_mask()); }
static void b(int sig)
{
    depth++;
    out("%*sB mask %llx\n", 2 * depth, "", (unsigned long long)my_mask());
    raise(SIGRTMIN);
    out("%*sB end %llx\n", 2 * depth, "", (unsigned long long)my_mask());
    depth--;
}
static void a(int sig)
{
    depth++;
    out("%*sA mask %llx\n", 2 * depth, "", (unsigned long long)my_mask());
    raise(SIGUSR2);
    if (depth < 3 && ++runs < 6)
        raise(SIGUSR1);
    if (!quiet)
        raise(SIGHUP);
    out("%*sA end %llx pending %llx\n", 2 * depth, "", (unsigned long long)my_mask(), (unsigned long long)my_pending());
    depth--;
}
static void install(int sig, void (*h)(int), int flags, sigset_t mask)
{
    struct sigaction s;
    memset(&s, 0, sizeof s);
    s.sa_handler = h;
    s.sa_flags = flags;
    s.sa_mask = mask;
    CHECK(sigaction(sig, &s, NULL) == 0);
}
int main(void)
{
    sigset_t none;
    sigemptyset(&none);
    install(SIGUSR1, a, SA_NODEFER, none);
    install(SIGUSR2, b, 0, set_of(SIGTERM, SIGHUP, 0));
    install(SIGRTMIN, c, 0, none);
    install(SIGHUP, c, 0, set_of(SIGQUIT, 0));
    raise(SIGUSR1);
    out("after: %llx\n", (unsigned long long)my_mask());
    install(SIGUSR1, a, SA_RESETHAND, set_of(SIGHUP, SIGUSR2, 0));
    depth = 3;
    quiet = 1; /* one pending signal: the kernel alone knows how it stacks the frames of two */
    raise(SIGUSR1);
    quiet = 0;
    struct sigaction s;
    sigaction(SIGUSR1, NULL, &s);
    out("after reset: default %d flags %x mask %llx\n", s.sa_handler == SIG_DFL, s.sa_flags & ~0x04000000, (unsigned long long)my_mask());
    install(SIGUSR1, a, SA_NODEFER, set_of(SIGUSR1, 0));
    depth = 0;
    pid_t p = kill_when_asleep(SIGUSR1);
    pause();
    reap(p);
    out("after: %llx pending %llx\n", (unsigned long long)my_mask(), (unsigned long long)my_pending());
    return 0;
}
