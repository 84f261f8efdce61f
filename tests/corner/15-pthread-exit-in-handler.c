/* Case 15: pthread_exit in a handler ends that thread; signals for the process go on elsewhere. */
/* not: helper */
#include "common.h"
static volatile int n, fd0, up;
static __thread int worker;
static void handler(int sig) { n++; if (worker) pthread_exit((void *)77l); }
static void *body(void *arg)
{
    char c;
    worker = 1;
    up = 1;
    if (arg)
        for (;;)
            __asm__ volatile("pause");
    for (;;)
        if (read(fd0, &c, 1) > 0)
            return NULL;
}
int main(void)
{
    int p[2];
    CHECK(pipe(p) == 0);
    fd0 = p[0];
    on(SIGUSR1, handler, SA_RESTART);
    for (long k = 0; k < 4; k++) {
        pthread_t t;
        void *r = NULL;
        up = 0;
        pthread_create(&t, NULL, body, (void *)(k % 2));
        CHECK(AWAIT(up));
        pthread_kill(t, SIGUSR1);
        pthread_join(t, &r);
        pid_t me = getpid(), q = child();
        if (q == 0)
            _exit(kill(me, SIGUSR1));
        CHECK(AWAIT(n == 2 * (k + 1)));
        reap(q);
        out("%ld: result %ld handled %d\n", k, (long)r, n);
    }
    return 0;
}
