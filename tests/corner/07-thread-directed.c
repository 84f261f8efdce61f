/* Case 7: pthread_kill, tgkill, pthread_sigqueue arrive in the thread they name, busy or blocked. */
/* not: helper */
#include "common.h"
#define N 3
static pthread_t t[N];
static volatile pid_t tids[N];
static volatile int ready[N], got[N], wrong, stop, fd[2];
static __thread int me = -1;
static void handler(int sig, siginfo_t *si, void *u)
{
    int want = sig - SIGRTMIN;
    if (me != want || si->si_pid != getpid())
        wrong++;
    else
        got[me]++;
}
static void *body(void *arg)
{
    char c;
    me = (int)(long)arg;
    tids[me] = gettid_();
    ready[me] = 1;
    if (me == 0)
        while (!stop)
            __asm__ volatile("pause");
    else if (me == 1)
        while (!stop)
            usleep(1000);
    else
        while (read(fd[0], &c, 1) < 0 && errno == EINTR)
            ;
    return NULL;
}
int main(void)
{
    int p[2];
    union sigval v = {.sival_int = 3};
    CHECK(pipe(p) == 0);
    fd[0] = p[0], fd[1] = p[1];
    for (int i = 0; i < N; i++) {
        on_info(SIGRTMIN + i, handler, i == 1 ? SA_RESTART : 0);
        CHECK(pthread_create(&t[i], NULL, body, (void *)(long)i) == 0);
    }
    for (int i = 0; i < N; i++)
        CHECK(AWAIT(ready[i]));
    for (int k = 0; k < 60; k++)
        for (int i = 0; i < N; i++) {
            int s = SIGRTMIN + i;
            CHECK(k % 3 == 0 ? pthread_kill(t[i], s) == 0 : k % 3 == 1 ? tgkill(getpid(), tids[i], s) == 0 : pthread_sigqueue(t[i], s, v) == 0);
            if (k % 20 == 0)
                CHECK(AWAIT(got[i] == k + 1));
        }
    for (int i = 0; i < N; i++)
        CHECK(AWAIT(got[i] == 60));
    stop = 1;
    CHECK(write(p[1], "x", 1) == 1);
    for (int i = 0; i < N; i++)
        pthread_join(t[i], NULL);
    out("got %d %d %d wrong %d\n", got[0], got[1], got[2], wrong);
    return 0;
}
