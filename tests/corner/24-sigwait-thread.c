/* Case 24: all threads block the signals, one sits in sigwait, sigwaitinfo or sigtimedwait; siginfo is intact. */
#include "common.h"
static volatile int handled, step, how;
static volatile pid_t tid;
static void handler(int sig) { handled++; }
static void *waiter(void *arg)
{
    sigset_t s = set_of(SIGUSR1, SIGTERM, SIGRTMIN + 2, 0);
    struct timespec t = {15, 0};
    tid = gettid_();
    for (int k = 0; k < 9; k++) {
        siginfo_t si;
        int sig = 0, r;
        memset(&si, 0, sizeof si);
        r = how = k % 3;
        if (r == 0)
            out("sigwait %d", sigwait(&s, &sig));
        else
            out("%s %d", r == 1 ? "sigwaitinfo" : "sigtimedwait", sig = r == 1 ? sigwaitinfo(&s, &si) : sigtimedwait(&s, &si, &t));
        out(" signal %d", sig);
        if (r)
            out(" code %d mine %d value %d", si.si_code, si.si_pid == getpid(), si.si_code == SI_QUEUE ? si.si_value.sival_int : 0);
        out("\n");
        step = k + 1;
    }
    return NULL;
}
int main(void)
{
    pthread_t t;
    union sigval v = {.sival_int = 815};
    on(SIGUSR1, handler, 0), on(SIGTERM, handler, SA_RESTART), on(SIGRTMIN + 2, handler, 0);
    raise(SIGUSR1);
    block(SIGUSR1), block(SIGTERM), block(SIGRTMIN + 2);
    pthread_create(&t, NULL, waiter, NULL);
    for (int k = 0; k < 9; k++) {
        CHECK(AWAIT(tid && step == k));
        switch (k / 3) {
        case 0: kill(getpid(), SIGUSR1); break;
        case 1: sigqueue(getpid(), SIGRTMIN + 2, v); break;
        case 2: pthread_kill(t, SIGTERM); break;
        }
        CHECK(AWAIT(step == k + 1));
    }
    pthread_join(t, NULL);
    out("handled %d pending %llx\n", handled, (unsigned long long)my_pending());
    return 0;
}
