/* The body of the 35-strict programs: a thread in strict seccomp, with the mask that the caller has set up. */
#include "common.h"
#include <linux/seccomp.h>
static sigset_t sandbox_mask;
static volatile int n, ready, stop;
static int fd[2];
static void handler(int sig) { n++; }
static void *body(void *arg)
{
    char c;
    pthread_sigmask(SIG_SETMASK, &sandbox_mask, NULL);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0)) {
        ready = -1;
        return NULL;
    }
    ready = 1;
    ssize_t r = read(fd[0], &c, 1);
    while (!stop)
        __asm__ volatile("pause");
    r += write(fd[1], "y", 1);
    syscall(SYS_exit, r == 2 ? 0 : 1);
    return NULL;
}
static int strict_seccomp(void)
{
    pthread_t t;
    int to[2], from[2];
    char c;
    pid_t me = getpid();
    CHECK(pipe(to) == 0 && pipe(from) == 0);
    fd[0] = to[0], fd[1] = from[1];
    on(SIGUSR1, handler, SA_RESTART);
    raise(SIGUSR1);
    pthread_create(&t, NULL, body, NULL);
    CHECK(AWAIT(ready));
    if (ready < 0)
        SKIP("no strict seccomp");
    for (int k = 2; k <= 6; k++) {
        pid_t p = child();
        if (p == 0)
            _exit(kill(me, SIGUSR1));
        reap(p);
        CHECK(AWAIT(n == k));
        if (k == 4)
            CHECK(write(to[1], "x", 1) == 1);
    }
    stop = 1;
    CHECK(read(from[0], &c, 1) == 1);
    out("handled %d, thread said %c\n", n, c);
    _exit(0); /* the thread may still be about to end; nobody can join it */
}
