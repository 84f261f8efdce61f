/* raise, pthread_kill, pthread_sigqueue and tgkill do for signals that are not trapped what libc's do, also in a program
 * that has no other ones; and abort, which raises. */
#include "client.h"

static volatile int handled, value;
static volatile pid_t by;
static void handler(int signo, siginfo_t *info, void *context)
{
    (void)signo, (void)context;
    by = gettid_();
    value = info->si_code == SI_QUEUE ? info->si_int : 0;
    handled++;
}

static volatile pid_t tid;
static volatile int stop;
static void *other(void *arg)
{
    (void)arg;
    tid = gettid_();
    while (!stop)
        usleep(1000);
    return NULL;
}

static int aimed(pid_t at, int number)
{
    return AWAIT(handled == number) && by == at;
}

int main(void)
{
    pthread_t t, me = pthread_self();
    char text[32];
    pid_t p;
    on_info(SIGUSR1, handler, SA_RESTART);
    pthread_create(&t, NULL, other, NULL);
    CHECK(AWAIT(tid));
    for (int trapped = 0; trapped < 2; trapped++) {
        handled = 0;
        CHECK(raise(SIGUSR1) == 0 && handled == 1 && by == gettid_());
        CHECK(pthread_kill(me, SIGUSR1) == 0 && handled == 2 && by == gettid_());
        CHECK(pthread_kill(t, SIGUSR1) == 0 && aimed(tid, 3));
        CHECK(pthread_sigqueue(t, SIGUSR1, (union sigval){4711}) == 0 && aimed(tid, 4) && value == 4711);
        CHECK(tgkill(getpid(), tid, SIGUSR1) == 0 && aimed(tid, 5));
        CHECK(pthread_kill(t, 0) == 0 && pthread_kill(t, 99) == EINVAL && pthread_sigqueue(t, 99, (union sigval){0}) == EINVAL);
        CHECK(pthread_kill(t, 32) == EINVAL && pthread_sigqueue(t, 33, (union sigval){0}) == EINVAL);
        CHECK(raise(99) == -1 && errno == EINVAL && tgkill(getpid(), tid, 99) == -1 && errno == EINVAL);
        if (!trapped)
            CHECK(sigferry_pipe_init(0) >= 0 && sigferry_pipe_trap(SIGTERM) == 0 && quiet());
    }
    CHECK(pthread_kill(t, SIGTERM) == 0 && next() == SIGTERM);
    p = child();
    if (p == 0)
        abort();
    CHECK(!strcmp(ended(reap(p), text), "signal 6"));
    stop = 1;
    pthread_join(t, NULL);
    CHECK(quiet() && sigferry_pipe_finish() == 0);
    done();
}
