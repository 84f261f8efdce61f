/* Case 15: threads come and go while 300 queued real-time signals arrive: none is lost. */
/* also: helper-concurrent */
/* limit: 30 */
#include "common.h"
static volatile int n, stop;
static void handler(int sig) { __atomic_add_fetch(&n, 1, __ATOMIC_SEQ_CST); }
static void *brief(void *arg) { usleep(100); return NULL; }
static void *churn(void *arg)
{
    while (!stop) {
        pthread_t t;
        if (pthread_create(&t, NULL, brief, NULL) == 0)
            pthread_join(t, NULL);
    }
    return NULL;
}
int main(void)
{
    pthread_t t;
    pid_t me = getpid();
    on(SIGRTMIN, handler, SA_RESTART);
    pthread_create(&t, NULL, churn, NULL);
    block(SIGRTMIN); /* the churned threads are the receivers: created with the mask of churn */
    pid_t p = child();
    if (p == 0) {
        for (int k = 0; k < 300; k++) {
            sigqueue(me, SIGRTMIN, (union sigval){k});
            if (k % 10 == 0)
                usleep(200);
        }
        _exit(0);
    }
    CHECK(reap(p) == 0);
    CHECK(AWAIT(n == 300));
    stop = 1;
    pthread_join(t, NULL);
    out("handled %d pending %llx\n", n, (unsigned long long)my_pending());
    return 0;
}
