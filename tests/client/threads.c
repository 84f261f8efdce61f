/* Signals aimed at threads: made before and after the trap, the reader itself and others; and while every thread
 * sends and several read, each signal is read once. */
#include "client.h"

static volatile int stop;
static sem_t up;

static void *sleeper(void *arg)
{
    (void)arg;
    sem_post(&up);
    while (!stop)
        usleep(1000);
    return NULL;
}

static void *aims(void *arg)
{
    siginfo_t info;
    pthread_t *t = arg;
    for (int i = 0; i < 2; i++) {
        CHECK(pthread_kill(t[i], SIGUSR1) == 0);
        CHECK(next_info(&info) == SIGUSR1 && info.si_code == SI_TKILL && info.si_pid == getpid());
        CHECK(pthread_sigqueue(t[i], SIGRTMIN + 2, (union sigval){i + 7}) == 0);
        CHECK(next_info(&info) == SIGRTMIN + 2 && info.si_code == SI_QUEUE && info.si_int == i + 7);
        CHECK(quiet());
    }
    CHECK(raise(SIGUSR1) == 0 && next() == SIGUSR1);
    CHECK(tgkill(getpid(), gettid_(), SIGUSR1) == 0 && next() == SIGUSR1);
    CHECK(pthread_kill(t[0], 0) == 0 && pthread_kill(t[0], 99) == EINVAL);
    CHECK(tgkill(getpid(), gettid_(), 99) == -1 && errno == EINVAL);
    return NULL;
}

static volatile int got[65], total;

static void *reads(void *arg)
{
    siginfo_t info;
    int r;
    (void)arg;
    while (!stop)
        if ((r = next_within(&info, 20)) > 0)
            __atomic_add_fetch(&got[r], 1, __ATOMIC_SEQ_CST), __atomic_add_fetch(&total, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static volatile int sent;

static void *sends(void *arg)
{
    for (int i = 0; i < 500; i++) {
        while (__atomic_load_n(&sent, __ATOMIC_SEQ_CST) - total > 100) /* a pace that the readers can follow */
            usleep(100);
        __atomic_add_fetch(&sent, 2, __ATOMIC_SEQ_CST);
        while (pthread_kill(*(pthread_t *)arg, SIGRTMIN + 1) == EAGAIN)
            usleep(100);
        while (sigqueue(getpid(), SIGRTMIN + 2, (union sigval){i}) < 0)
            usleep(100);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    int flags = argc > 1 && !strcmp(argv[1], "unmasked") ? SIGFERRY_PIPE_UNMASKED : 0;
    pthread_t t[2], r[3], s[3], a, self_ = pthread_self();
    sem_init(&up, 0, 0);
    pthread_create(&t[0], NULL, sleeper, NULL);
    sem_wait(&up);
    CHECK(sigferry_pipe_init(flags) >= 0);
    CHECK(sigferry_pipe_trap(SIGUSR1) == 0 && sigferry_pipe_trap(SIGRTMIN + 1) == 0 && sigferry_pipe_trap(SIGRTMIN + 2) == 0);
    pthread_create(&t[1], NULL, sleeper, NULL);
    while (sem_wait(&up))
        ;
    aims(t);                              /* main trapped and reads */
    pthread_create(&a, NULL, aims, t);    /* somebody else reads, and is aimed at */
    pthread_join(a, NULL);
    CHECK(pthread_kill(self_, SIGUSR1) == 0 && next() == SIGUSR1);
    for (int i = 0; i < 3; i++)
        pthread_create(&r[i], NULL, reads, NULL);
    for (int i = 0; i < 3; i++)
        pthread_create(&s[i], NULL, sends, i < 2 ? &t[i] : &self_);
    for (int i = 0; i < 3; i++)
        pthread_join(s[i], NULL);
    CHECK(AWAIT(total == 3000));
    stop = 1;
    for (int i = 0; i < 3; i++)
        pthread_join(r[i], NULL);
    pthread_join(t[0], NULL);
    pthread_join(t[1], NULL);
    if (got[SIGRTMIN + 1] != 1500 || got[SIGRTMIN + 2] != 1500)
        out("FAIL: aimed at threads %d, at the process %d of 1500\n", got[SIGRTMIN + 1], got[SIGRTMIN + 2]);
    CHECK(quiet() && sigferry_pipe_finish() == 0);
    done();
}
