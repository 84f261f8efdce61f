/* Case 17: setuid and setgid reach every thread (libc's signal 33), whatever is blocked and caught. */
/* needs: root */
#include "common.h"
#define N 3
static volatile int ready, go, bad;
static void handler(int sig) {}
static void *body(void *arg)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    __atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
    if (arg)
        while (!go)
            __asm__ volatile("pause");
    else
        while (!go)
            usleep(500);
    if (syscall(SYS_getuid) != 1234 || syscall(SYS_getgid) != 4321)
        __atomic_add_fetch(&bad, 1, __ATOMIC_SEQ_CST);
    return NULL;
}
int main(void)
{
    pthread_t t[N];
    on(SIGUSR1, handler, 0);
    raise(SIGUSR1);
    sigset_t all, s;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    sigprocmask(SIG_BLOCK, NULL, &s);
    out("full set has 32: %d 33: %d 9: %d\n", sigismember(&s, 32), sigismember(&s, 33), sigismember(&s, 9));
    for (long i = 0; i < N; i++)
        pthread_create(&t[i], NULL, body, (void *)(i % 2));
    CHECK(AWAIT(ready == N));
    CHECK(setgid(4321) == 0);
    CHECK(setuid(1234) == 0);
    go = 1;
    for (int i = 0; i < N; i++)
        pthread_join(t[i], NULL);
    out("uid %d gid %d bad %d\n", getuid(), getgid(), bad);
    return 0;
}
