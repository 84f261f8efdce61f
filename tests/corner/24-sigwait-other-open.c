/* Case 24: a thread in sigwait while another leaves the signal unblocked and caught. Natively either gets it;
 * each signal must be seen exactly once, by the one or the other. */
#include "common.h"
static volatile int handled, waited, stop;
static volatile pid_t tid;
static void handler(int sig) { __atomic_add_fetch(&handled, 1, __ATOMIC_SEQ_CST); }
static void *waiter(void *arg)
{
    sigset_t s = set_of(SIGRTMIN + 1, 0);
    struct timespec t = {0, 5000000};
    pthread_sigmask(SIG_BLOCK, &s, NULL);
    tid = gettid_();
    while (!stop) {
        siginfo_t si;
        if (sigtimedwait(&s, &si, &t) > 0)
            waited++;
    }
    return NULL;
}
int main(void)
{
    pthread_t t;
    pid_t me = getpid();
    on(SIGRTMIN + 1, handler, SA_RESTART);
    pthread_create(&t, NULL, waiter, NULL);
    CHECK(AWAIT(tid));
    pid_t p = child();
    if (p == 0) {
        for (int k = 0; k < 100; k++) {
            sigqueue(me, SIGRTMIN + 1, (union sigval){k});
            usleep(200);
        }
        _exit(0);
    }
    reap(p);
    CHECK(AWAIT(handled + waited == 100));
    usleep(2000);
    stop = 1;
    pthread_join(t, NULL);
    out("together %d\n", handled + waited);
    return 0;
}
