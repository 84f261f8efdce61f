/* Case 23: a thread has slept in a point for long, and has been signalled there. It leaves it, and then sleeps where the
 * program expects no signals: for a mutex, until the handler has run again. Nobody else passes a point meanwhile. */
#include "common.h"
static volatile sig_atomic_t n;
static int told[2];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static sem_t locked, unlocked;
enum { ROUNDS = 10 };

static void handler(int sig)
{
    char byte = 0;
    n++;
    CHECK(write(told[1], &byte, 1) == 1);
}

/* Holds the mutex until the handler says that it has run; then the next round. */
static void *holder(void *unused)
{
    char byte;
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&mutex);
        sem_post(&locked);
        CHECK(read(told[0], &byte, 1) == 1 && read(told[0], &byte, 1) == 1);
        pthread_mutex_unlock(&mutex);
        while (sem_wait(&unlocked) != 0)
            ;
    }
    return NULL;
}

int main(void)
{
    int go[2];
    char b[40], byte = 0;
    pid_t me = getpid(), p;
    pthread_t t;
    sigset_t usr1;

    CHECK(pipe(go) == 0 && pipe(told) == 0);
    p = child();
    if (p == 0) {
        struct timespec soon = {0, 2000000};
        close(go[1]);
        while (read(go[0], &byte, 1) == 1) {
            nanosleep(&soon, NULL);
            kill(me, SIGUSR1);
        }
        _exit(0);
    }
    close(go[0]);
    sem_init(&locked, 0, 0);
    sem_init(&unlocked, 0, 0);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &usr1, NULL);
    pthread_create(&t, NULL, holder, NULL);
    pthread_sigmask(SIG_UNBLOCK, &usr1, NULL);
    on(SIGUSR1, handler, SA_RESTART);
    for (int i = 0; i < ROUNDS; i++) {
        while (sem_wait(&locked) != 0)
            ;
        CHECK(write(go[1], &byte, 1) == 1);
        CHECK(AWAIT(n == 2 * i + 1));
        poll(NULL, 0, 30);
        CHECK(write(go[1], &byte, 1) == 1);
        pthread_mutex_lock(&mutex);
        pthread_mutex_unlock(&mutex);
        sem_post(&unlocked);
    }
    pthread_join(t, NULL);
    close(go[1]);
    out("%s handled %d\n", ended(reap(p), b), (int)n);
    return 0;
}
