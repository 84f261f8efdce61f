/* Case 6: raise, kill(self), killpg, sigqueue(self), pthread_kill(self), tgkill(self), gsignal complete before
 * they return, a thousand times each, with right siginfo. */
#include "common.h"
static volatile sig_atomic_t n, bad, code, value;
static void handler(int sig, siginfo_t *si, void *u)
{
    n++;
    code = si->si_code;
    value = si->si_value.sival_int;
    if (si->si_pid != getpid() || si->si_uid != getuid() || si->si_signo != sig)
        bad++;
}
#define MANY(name, call) do { int miss = 0; n = 0; \
    for (int k = 1; k <= 1000; k++) { CHECK((call) == 0); if (n != k) { miss++; n = k; } } \
    out("%s: missed %d bad %d code %d value %d\n", name, miss, (int)bad, (int)code, code == SI_QUEUE ? (int)value : 0); } while (0)
int main(void)
{
    union sigval v = {.sival_int = 4711};
    const int sigs[] = {SIGUSR1, SIGTERM, SIGRTMIN + 3};
    setpgid(0, 0);
    for (int i = 0; i < 3; i++) {
        int s = sigs[i];
        on_info(s, handler, 0);
        MANY("raise", raise(s));
        MANY("kill", kill(getpid(), s));
        MANY("sigqueue", sigqueue(getpid(), s, v));
        MANY("pthread_kill", pthread_kill(pthread_self(), s));
        MANY("pthread_sigqueue", pthread_sigqueue(pthread_self(), s, v));
        MANY("tgkill", tgkill(getpid(), gettid_(), s));
        MANY("gsignal", gsignal(s));
    }
    return 0;
}
