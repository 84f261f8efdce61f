/* Case 7: a collector stops the world: pthread_kill to every worker, each waits in its handler in sigsuspend
 * for the signal that restarts it. */
/* not: helper */
/* limit: 30 */
#include "common.h"
#define N 4
#define ROUNDS 15
static sem_t stopped, restarted;
static volatile int stop, resume_at;
static volatile unsigned long work[N];
static void on_restart(int sig) {}
static void on_suspend(int sig)
{
    int e = errno, at = resume_at;
    sigset_t m;
    sigfillset(&m);
    sigdelset(&m, SIGUSR2);
    sem_post(&stopped);
    while (resume_at == at)
        sigsuspend(&m);
    sem_post(&restarted);
    errno = e;
}
static void *body(void *arg)
{
    long i = (long)arg;
    while (!stop) {
        work[i]++;
        if (i % 2)
            free(malloc(50));
    }
    return NULL;
}
static void wait_n(sem_t *s) { for (int i = 0; i < N; i++) while (sem_wait(s) < 0) ; }
int main(void)
{
    pthread_t t[N];
    int moved = 0;
    struct sigaction a;
    memset(&a, 0, sizeof a);
    sigfillset(&a.sa_mask);
    a.sa_flags = SA_RESTART;
    a.sa_handler = on_suspend;
    sigaction(SIGUSR1, &a, NULL);
    a.sa_handler = on_restart;
    sigaction(SIGUSR2, &a, NULL);
    sem_init(&stopped, 0, 0), sem_init(&restarted, 0, 0);
    for (long i = 0; i < N; i++)
        pthread_create(&t[i], NULL, body, (void *)i);
    for (int k = 0; k < ROUNDS; k++) {
        unsigned long before[N];
        for (int i = 0; i < N; i++)
            CHECK(pthread_kill(t[i], SIGUSR1) == 0);
        wait_n(&stopped);
        for (int i = 0; i < N; i++)
            before[i] = work[i];
        usleep(1000);
        for (int i = 0; i < N; i++)
            moved += before[i] != work[i];
        resume_at++;
        for (int i = 0; i < N; i++)
            CHECK(pthread_kill(t[i], SIGUSR2) == 0);
        wait_n(&restarted);
    }
    stop = 1;
    for (int i = 0; i < N; i++)
        pthread_join(t[i], NULL);
    out("rounds %d moved while stopped %d\n", ROUNDS, moved);
    return 0;
}
