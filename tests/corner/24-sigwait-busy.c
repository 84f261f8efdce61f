/* Case 24: sigtimedwait: a signal already pending, time-out, zero time-out, an unrelated handler gives EINTR,
 * caught but unblocked signals waited for. */
#include "common.h"
static volatile int n;
static void handler(int sig) { n++; }
int main(void)
{
    sigset_t s = set_of(SIGUSR1, SIGCHLD, 0), usr = set_of(SIGUSR1, 0);
    struct timespec zero = {0, 0}, some = {0, 30000000}, t15 = {15, 0};
    siginfo_t si;
    on(SIGUSR1, handler, 0), on(SIGUSR2, handler, SA_RESTART), on(SIGCHLD, handler, 0);
    sigprocmask(SIG_BLOCK, &s, NULL);
    raise(SIGUSR1);
    out("pending: %d\n", sigtimedwait(&s, &si, &zero));
    int r = sigtimedwait(&s, &si, &zero);
    out("none: %d %s\n", r, strerrorname_np(errno));
    int64_t b = now_ms();
    r = sigtimedwait(&s, &si, &some);
    out("time-out: %d %s %d\n", r, strerrorname_np(errno), now_ms() - b >= 30);
    pid_t p = kill_when_asleep(SIGUSR2);
    r = sigtimedwait(&usr, &si, &t15);
    out("other: %d %s handled %d\n", r, strerrorname_np(errno), n);
    r = sigtimedwait(&s, &si, &t15);
    out("child: %d code %d status %d mine %d\n", r, si.si_code, si.si_status, si.si_pid == p);
    reap(p);
    p = kill_when_asleep(SIGUSR2);
    r = sigwaitinfo(&usr, &si);
    out("other: %d %s handled %d\n", r, strerrorname_np(errno), n);
    CHECK(sigwaitinfo(&s, NULL) == SIGCHLD);
    reap(p);
    out("handled %d\n", n);
    return 0;
}
