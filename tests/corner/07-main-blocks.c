/* Case 7: main blocks the signal, a worker does not: process-directed ones run in the worker, busy or parked. */
/* not: helper */
#include "common.h"
static volatile int in_worker, elsewhere, mode, stop;
static volatile pid_t tid;
static void handler(int sig) { if (gettid_() == tid) in_worker++; else elsewhere++; }
static void *worker(void *arg)
{
    tid = gettid_();
    unblock(SIGUSR1);
    while (!stop)
        if (mode)
            usleep(20000);
    return NULL;
}
int main(void)
{
    pthread_t t;
    pid_t me = getpid();
    on(SIGUSR1, handler, SA_RESTART);
    block(SIGUSR1);
    pthread_create(&t, NULL, worker, NULL);
    CHECK(AWAIT(tid));
    for (int k = 1; k <= 20; k++) {
        mode = k > 10;
        pid_t kid = child();
        if (kid == 0)
            _exit(kill(me, SIGUSR1));
        CHECK(reap(kid) == 0);
        CHECK(AWAIT(in_worker + elsewhere == k));
    }
    kill(me, SIGUSR1);
    CHECK(AWAIT(in_worker + elsewhere == 21));
    stop = 1;
    pthread_join(t, NULL);
    out("worker %d elsewhere %d pending %llx\n", in_worker, elsewhere, (unsigned long long)my_pending());
    return 0;
}
