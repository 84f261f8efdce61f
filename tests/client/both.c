/* A handler and the descriptor for the same signal. Under libsigferry.so both see every one, whichever was there first,
 * and also what is aimed at a thread; natively the last to come has it. */
#include "client.h"

#define N 50
static volatile int handled;
static void handler(int signo) { (void)signo; __atomic_add_fetch(&handled, 1, __ATOMIC_SEQ_CST); }

static void *aim(void *arg)
{
    for (int i = 0; i < N; i++) {
        while (pthread_kill(*(pthread_t *)arg, SIGRTMIN + 1) == EAGAIN)
            ;
        usleep(100);
    }
    return NULL;
}

static void both(const char *what)
{
    pthread_t t, me = pthread_self();
    pid_t parent = getpid(), p;
    int got = 0;
    handled = 0;
    p = child();
    if (p == 0) {
        for (int i = 0; i < N; i++) {
            while (sigqueue(parent, SIGRTMIN + 1, (union sigval){i}) < 0)
                ;
            usleep(100);
        }
        _exit(0);
    }
    pthread_create(&t, NULL, aim, &me);
    for (int i = 0; i < N; i++)
        while (raise(SIGRTMIN + 1) < 0)
            ;
    while (got < 3 * N && next() == SIGRTMIN + 1)
        got++;
    pthread_join(t, NULL);
    CHECK(reap(p) == 0);
    CHECK(AWAIT(handled == 3 * N));
    CHECK(got == 3 * N && quiet());
    if (got != 3 * N || handled != 3 * N)
        out("FAIL %s: read %d handled %d\n", what, got, handled);
}

static void descriptor_alone(void)
{
    int before = handled;
    for (int i = 0; i < 3; i++) {
        kill(getpid(), SIGRTMIN + 1);
        CHECK(next() == SIGRTMIN + 1);
    }
    CHECK(handled == before && quiet());
}

int main(void)
{
    struct sigaction now;
    uint64_t mask = my_mask();
    if (!sigferry_ferried())
        done();
    on(SIGRTMIN + 1, handler, SA_RESTART);
    CHECK(sigferry_pipe_init(0) >= 0 && sigferry_pipe_trap(SIGRTMIN + 1) == 0);
    sigaction(SIGRTMIN + 1, NULL, &now);
    CHECK(now.sa_handler == handler && (now.sa_flags & ~0x04000000 /* libc's restorer */) == SA_RESTART);
    both("handler first");
    CHECK(sigferry_pipe_untrap(SIGRTMIN + 1) == 0);
    raise(SIGRTMIN + 1);
    CHECK(quiet() && handled == 3 * N + 1 && my_mask() == mask);

    signal(SIGRTMIN + 1, SIG_DFL);
    CHECK(sigferry_pipe_trap(SIGRTMIN + 1) == 0);
    descriptor_alone();
    on(SIGRTMIN + 1, handler, 0);
    both("descriptor first");
    signal(SIGRTMIN + 1, SIG_DFL); /* the handler goes, the descriptor stays */
    descriptor_alone();
    on(SIGRTMIN + 1, handler, SA_RESETHAND); /* gone after the first, which both see */
    kill(getpid(), SIGRTMIN + 1);
    CHECK(next() == SIGRTMIN + 1 && AWAIT(handled == 3 * N + 1));
    CHECK(sigferry_pipe_finish() == 0);
    CHECK(my_mask() == mask);
    done();
}
