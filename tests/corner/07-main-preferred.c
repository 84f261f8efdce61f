/* Case 7: process-directed signals run in the main thread when it has them unblocked, though a worker is parked. */
/* not: helper */
#include "common.h"
static volatile int in_main, elsewhere, fd0, tid;
static void handler(int sig) { if (gettid_() == getpid()) in_main++; else elsewhere++; }
static void *worker(void *arg) { char c; tid = gettid_(); while (read(fd0, &c, 1) < 0) { } return NULL; }
int main(void)
{
    pthread_t t;
    int p[2];
    pid_t me = getpid();
    CHECK(pipe(p) == 0);
    fd0 = p[0];
    on(SIGUSR1, handler, SA_RESTART);
    on(SIGALRM, handler, SA_RESTART);
    pthread_create(&t, NULL, worker, NULL);
    CHECK(AWAIT(tid) && asleep(me, tid)); /* a thread that only begins takes what pends for the process */
    for (int k = 1; k <= 10; k++) {
        pid_t kid = child();
        if (kid == 0)
            _exit(kill(me, SIGUSR1));
        CHECK(k % 2 ? SPIN(in_main + elsewhere == k) : AWAIT(in_main + elsewhere == k));
        CHECK(reap(kid) == 0);
    }
    alarm(1);
    CHECK(AWAIT(in_main + elsewhere == 11));
    out("main %d elsewhere %d\n", in_main, elsewhere);
    CHECK(write(p[1], "x", 1) == 1);
    pthread_join(t, NULL);
    return 0;
}
