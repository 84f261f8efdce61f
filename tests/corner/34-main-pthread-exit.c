/* Case 34: main calls pthread_exit: signals go on in the other thread; the process ends with the last thread. */
/* not: helper */
#include "common.h"
static volatile int n;
static volatile pid_t tid;
static void handler(int sig) { n += gettid_() == tid; }
static void *body(void *arg)
{
    pid_t me = getpid();
    tid = gettid_();
    CHECK(AWAIT(state_of(me, me) == 'Z'));
    for (int k = 1; k <= 6; k++) {
        pid_t p = child();
        if (p == 0)
            _exit(kill(me, SIGUSR1));
        CHECK(k % 2 ? SPIN(n == k) : AWAIT(n == k));
        reap(p);
    }
    raise(SIGUSR1);
    out("handled %d\n", n);
    return NULL;
}
int main(void)
{
    pthread_t t;
    on(SIGUSR1, handler, SA_RESTART);
    raise(SIGUSR1);
    n = 0;
    pthread_create(&t, NULL, body, NULL);
    pthread_detach(t);
    pthread_exit(NULL);
}
