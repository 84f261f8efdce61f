/* Semantics: siginfo of kill, sigqueue, pthread_sigqueue, tgkill, rt_sigqueueinfo, alarm, setitimer, timer_create,
 * from another process and from itself, parked and busy. */
#include "common.h"
static volatile int n;
static siginfo_t last;
static void handler(int sig, siginfo_t *si, void *u) { last = *si; n++; }
static void show(const char *who, pid_t from)
{
    out("%s: signal %d code %d errno %d", who, last.si_signo, last.si_code, last.si_errno);
    if (last.si_code == SI_USER || last.si_code == SI_TKILL || last.si_code == SI_QUEUE)
        out(" pid %s uid %d", last.si_pid == from ? "right" : "wrong", (int)last.si_uid);
    if (last.si_code == SI_QUEUE || last.si_code == SI_TIMER)
        out(" value %d", last.si_value.sival_int);
    if (last.si_code == SI_TIMER)
        out(" overrun %d", last.si_overrun);
    out("\n");
    memset((void *)&last, 0, sizeof last);
}
int main(void)
{
    pid_t me = getpid();
    static const int sigs[] = {SIGUSR1, 40};
    for (int i = 0; i < 2; i++)
        on_info(sigs[i], handler, SA_RESTART);
    on_info(SIGALRM, handler, 0);
    for (int busy = 0; busy < 2; busy++)
        for (int i = 0; i < 2; i++)
            for (int how = 0; how < 4; how++) {
                int at = n;
                pid_t tid = gettid_(), p = child();
                if (p == 0) {
                    siginfo_t si;
                    if (!busy && !asleep(me, tid))
                        _exit(1);
                    memset(&si, 0, sizeof si);
                    si.si_code = SI_MESGQ, si.si_value.sival_int = 31, si.si_pid = getpid();
                    _exit(how == 0 ? kill(me, sigs[i]) : how == 1 ? sigqueue(me, sigs[i], (union sigval){-77})
                          : how == 2 ? tgkill(me, tid, sigs[i]) : (int)syscall(SYS_rt_sigqueueinfo, me, sigs[i], &si));
                }
                if (busy)
                    CHECK(SPIN(n == at + 1));
                else
                    pause();
                CHECK(AWAIT(n == at + 1));
                show(how == 0 ? "kill" : how == 1 ? "sigqueue" : how == 2 ? "tgkill" : "rt_sigqueueinfo", p);
                reap(p);
            }
    raise(SIGUSR1), show("raise", me);
    kill(me, SIGUSR1), show("kill self", me);
    sigqueue(me, SIGUSR1, (union sigval){9}), show("sigqueue self", me);
    struct itimerval it = {{0, 0}, {0, 20000}};
    int at = n;
    setitimer(ITIMER_REAL, &it, NULL);
    CHECK(AWAIT(n == at + 1));
    show("setitimer", 0);
    timer_t id;
    struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 40, .sigev_value.sival_int = 88};
    struct itimerspec its = {{0, 0}, {0, 20000000}};
    CHECK(timer_create(CLOCK_MONOTONIC, &e, &id) == 0 && timer_settime(id, 0, &its, NULL) == 0);
    CHECK(AWAIT(n == at + 2));
    show("timer", 0);
    return 0;
}
