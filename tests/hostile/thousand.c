/* A thousand threads, created and joined or detached, under a storm aimed at the process and at the threads: every
 * counted signal is handled, and a thread that ends with signals queued loses only its own. */
/* limit: 60 */
#include "../corner/common.h"
#define THREADS 1000
static volatile int sent, got, stop, aimed_sent, aimed_got, running;
static __thread volatile int own;
static void handler(int sig) { __atomic_add_fetch(&got, 1, __ATOMIC_SEQ_CST); }
static void aimed(int sig) { own++; __atomic_add_fetch(&aimed_got, 1, __ATOMIC_SEQ_CST); }
static void *storm(void *arg)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    while (!stop) {
        if (sent - got < 200 && sigqueue(getpid(), SIGRTMIN, (union sigval){0}) == 0)
            sent++;
        else
            usleep(100);
    }
    return NULL;
}
static void *brief(void *arg)
{
    long k = (long)arg;
    char *p = malloc(100 + k);
    if (k % 4 == 0) { /* waits for one of its own */
        while (own < 1)
            usleep(200);
    } else if (k % 4 == 1) { /* ends with its own queued, blocked */
        block(SIGRTMIN + 1);
        pthread_kill(pthread_self(), SIGRTMIN + 1);
        aimed_sent--;
    } else if (k % 4 == 2) {
        usleep(k % 7 * 50);
    }
    free(p);
    __atomic_sub_fetch(&running, 1, __ATOMIC_SEQ_CST);
    return NULL;
}
int main(void)
{
    pthread_t s, t[20];
    int lost = 0;
    on(SIGRTMIN, handler, SA_RESTART), on(SIGRTMIN + 1, aimed, 0);
    CHECK(pthread_create(&s, NULL, storm, NULL) == 0);
    for (int at = 0; at < THREADS; at += 20) {
        for (int k = 0; k < 20; k++) {
            pthread_attr_t attr;
            pthread_attr_init(&attr);
            pthread_attr_setstacksize(&attr, 128 * 1024);
            int detached = k >= 15 && k % 4 != 0;
            pthread_attr_setdetachstate(&attr, detached);
            __atomic_add_fetch(&running, 1, __ATOMIC_SEQ_CST);
            CHECK(pthread_create(&t[k], &attr, brief, (void *)(long)k) == 0);
            pthread_attr_destroy(&attr);
            if (k % 4 == 0 && pthread_kill(t[k], SIGRTMIN + 1) == 0)
                lost++;
        }
        for (int k = 0; k < 20; k++)
            if (!(k >= 15 && k % 4 != 0))
                pthread_join(t[k], NULL);
    }
    CHECK(AWAIT(running == 0));
    stop = 1;
    pthread_join(s, NULL);
    CHECK(AWAIT(got == sent));
    out("process: %s; aimed %d handled %d\n", got == sent && sent > 500 ? "all" : "some missing", lost, aimed_got);
    return 0;
}
