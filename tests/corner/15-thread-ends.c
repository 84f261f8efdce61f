/* Case 15: process-directed signals outlive a thread that ends with them pending; thread-directed ones die
 * with it. A thread created later with the signal unblocked gets the former. */
/* not: helper */
#include "common.h"
static volatile int n, in_late;
static volatile pid_t late;
static void handler(int sig) { n++; in_late += gettid_() == late; }
static void *ends(void *arg)
{
    union sigval v = {0};
    pthread_sigqueue(pthread_self(), SIGRTMIN + 1, v);
    pthread_kill(pthread_self(), SIGUSR2);
    kill(getpid(), SIGUSR1);
    sigqueue(getpid(), SIGRTMIN + 2, v);
    out("thread pending %llx\n", (unsigned long long)my_pending());
    return NULL;
}
static void *lives(void *arg)
{
    late = gettid_();
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    out("late handled %d\n", n);
    return NULL;
}
int main(void)
{
    pthread_t t;
    on(SIGUSR1, handler, 0), on(SIGUSR2, handler, 0), on(SIGRTMIN + 1, handler, 0), on(SIGRTMIN + 2, handler, 0);
    block(SIGUSR1), block(SIGUSR2), block(SIGRTMIN + 1), block(SIGRTMIN + 2);
    pthread_create(&t, NULL, ends, NULL), pthread_join(t, NULL);
    out("main pending %llx\n", (unsigned long long)my_pending());
    pthread_create(&t, NULL, lives, NULL), pthread_join(t, NULL);
    out("handled %d in the late thread %d pending %llx\n", n, in_late, (unsigned long long)my_pending());
    return 0;
}
