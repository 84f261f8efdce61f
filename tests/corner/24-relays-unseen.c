/* Case 24: whoever waits for every signal there is, in sigwait or on its own signalfd, sees none that it was not sent:
 * pthread_cancel of a thread that has disabled cancellation wakes nobody. */
#include "common.h"
#include <sys/signalfd.h>
static volatile int waits;
static volatile pid_t tid;
static void handler(int sig) { }
static void *waiter(void *arg)
{
    sigset_t all;
    struct signalfd_siginfo si;
    int fd, sig = 0, old;
    sigfillset(&all);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
    CHECK((fd = signalfd(-1, &all, 0)) >= 0);
    tid = gettid_();
    waits = 1;
    CHECK(sigwait(&all, &sig) == 0);
    out("sigwait: %d\n", sig);
    waits = 2;
    CHECK(read(fd, &si, sizeof si) == sizeof si);
    out("signalfd: %u\n", si.ssi_signo);
    waits = 3;
    return NULL;
}
int main(void)
{
    pthread_t t;
    sigset_t all;
    on(SIGUSR1, handler, 0);
    sigfillset(&all);
    CHECK(pthread_sigmask(SIG_BLOCK, &all, NULL) == 0);
    CHECK(pthread_create(&t, NULL, waiter, NULL) == 0);
    for (int k = 1; k < 3; k++) {
        CHECK(AWAIT(waits == k) && asleep(getpid(), tid));
        CHECK(pthread_cancel(t) == 0);
        CHECK(asleep(getpid(), tid));
        CHECK(pthread_kill(t, SIGUSR1) == 0);
    }
    CHECK(pthread_join(t, NULL) == 0);
    out("done\n");
    return 0;
}
