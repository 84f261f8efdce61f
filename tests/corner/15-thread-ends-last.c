/* Case 15: a signal comes to a thread that computes and then ends, by returning or by pthread_exit. Nobody else takes it. It
 * came long before the end, so its handler has run. */
#include "common.h"
static volatile sig_atomic_t n;
static volatile int started, sent;
static pthread_t runs_in;
static void handler(int sig) { n++; runs_in = pthread_self(); }

static void *body(void *by_exit)
{
    unblock(SIGUSR1);
    started = 1;
    CHECK(SPIN(sent));
    for (volatile unsigned i = 0; i < 300000; i++)
        ;
    if (by_exit)
        pthread_exit(by_exit);
    return NULL;
}

static void round_(const char *what, void *by_exit, int aimed)
{
    pthread_t t;
    started = sent = n = 0;
    CHECK(pthread_create(&t, NULL, body, by_exit) == 0);
    CHECK(AWAIT(started));
    CHECK((aimed ? pthread_kill(t, SIGUSR1) : kill(getpid(), SIGUSR1)) == 0);
    sent = 1;
    CHECK(pthread_join(t, NULL) == 0);
    out("%s: handled %d, there: %d, pending: %d\n", what, (int)n, n && pthread_equal(runs_in, t), (int)(my_pending() >> (SIGUSR1 - 1) & 1));
}

int main(void)
{
    on(SIGUSR1, handler, SA_RESTART);
    block(SIGUSR1);
    for (int aimed = 0; aimed < 2; aimed++) {
        round_("returns", NULL, aimed);
        round_("pthread_exit", (void *)1, aimed);
    }
    return 0;
}
