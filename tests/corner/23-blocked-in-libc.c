/* Case 23: main is stuck where no call is interruptible: pthread_join, mutex_lock, cond_wait, a barrier, a raw
 * system call, a spinning lock. The handler runs all the same, and the call goes on. */
#include "common.h"
static volatile int *n;
static volatile int how, up;
static int fd[2];
static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER, mu2 = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cv = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t bar;
static pthread_spinlock_t spin;
static void handler(int sig) { ++*n; }
static void *body(void *arg)
{
    if (how == 1)
        pthread_mutex_lock(&mu);
    if (how == 5)
        pthread_spin_lock(&spin);
    up = 1;
    (void)AWAIT(*n == how + 1);
    if (how == 1)
        pthread_mutex_unlock(&mu);
    else if (how == 2)
        pthread_mutex_lock(&mu2), up = 2, pthread_cond_signal(&cv), pthread_mutex_unlock(&mu2);
    else if (how == 3)
        pthread_barrier_wait(&bar);
    else if (how == 4)
        (void)!write(fd[1], "x", 1);
    else if (how == 5)
        pthread_spin_unlock(&spin);
    return NULL;
}
int main(void)
{
    pthread_t t;
    char c;
    pid_t me = getpid();
    n = shared(4096);
    CHECK(pipe(fd) == 0);
    pthread_barrier_init(&bar, NULL, 2), pthread_spin_init(&spin, 0);
    on(SIGUSR1, handler, SA_RESTART);
    for (how = 0; how < 6; how++) {
        long r = 0;
        up = 0;
        block(SIGUSR1); /* in the worker */
        pthread_create(&t, NULL, body, NULL);
        unblock(SIGUSR1);
        CHECK(AWAIT(up));
        pid_t tid = gettid_(), p = child();
        if (p == 0) {
            if (how != 5 && !asleep(me, tid))
                _exit(1);
            _exit(kill(me, SIGUSR1));
        }
        switch (how) {
        case 0: break;
        case 1: r = pthread_mutex_lock(&mu); pthread_mutex_unlock(&mu); break;
        case 2:
            pthread_mutex_lock(&mu2);
            while (up != 2)
                r |= pthread_cond_wait(&cv, &mu2);
            pthread_mutex_unlock(&mu2);
            break;
        case 3: r = pthread_barrier_wait(&bar) > 0; break;
        case 4: r = syscall(SYS_read, fd[0], &c, 1); break;
        case 5: r = pthread_spin_lock(&spin); pthread_spin_unlock(&spin); break;
        }
        pthread_join(t, NULL);
        CHECK(reap(p) == 0);
        out("%d: %ld handled %d\n", how, r, *n);
    }
    return 0;
}
