/* Case 17: asynchronous cancellation of a loop, disabled cancellation, a request already pending at the call,
 * pthread_testcancel, and cancellation of a thread while signals come. */
#include "common.h"
static volatile int ready, cleaned, hits, go;
static int p[2];
static void handler(int sig) { hits++; }
static void cleanup(void *arg) { cleaned++; }
static void *body(void *arg)
{
    long what = (long)arg;
    char c;
    int old;
    pthread_cleanup_push(cleanup, NULL);
    if (what == 0)
        pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
    else if (what == 1 || what == 2)
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
    ready = 1;
    if (what == 0)
        for (;;)
            __asm__ volatile("pause");
    while (!go)
        __asm__ volatile("pause");
    if (what == 1)
        usleep(1000), pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old), pthread_testcancel();
    else if (what == 2)
        usleep(1000), pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old), (void)!read(p[0], &c, 1);
    else
        for (;;)
            (void)!read(p[0], &c, 1);
    out("FAIL not canceled\n");
    pthread_cleanup_pop(0);
    return NULL;
}
int main(void)
{
    CHECK(pipe(p) == 0);
    on(SIGUSR1, handler, 0);
    for (long k = 0; k < 12; k++) {
        pthread_t t;
        void *res = NULL;
        ready = go = 0;
        pthread_create(&t, NULL, body, (void *)(k < 3 ? k : 3));
        CHECK(AWAIT(ready));
        if (k > 3)
            for (int i = 0; i < 5; i++)
                pthread_kill(t, SIGUSR1);
        if (k != 5)
            CHECK(pthread_cancel(t) == 0);
        go = 1;
        if (k == 5)
            usleep(2000), pthread_cancel(t);
        pthread_join(t, &res);
        out("%ld canceled %d cleaned %d\n", k, res == PTHREAD_CANCELED, cleaned);
    }
    return 0;
}
