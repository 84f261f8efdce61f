/* Case 34: threads that end by the bare system call, past libc: the last one ends the process, with the status of the
 * first. In a child of clone() that returns from its function, in one of fork(), and with a second thread. */
#include "common.h"
#include <sched.h>
static volatile sig_atomic_t n;
static void handler(int sig) { n++; }
static int body(void *arg)
{
    on(SIGUSR1, handler, SA_RESTART);
    raise(SIGUSR1);
    usleep(100); /* here at the latest there is a listener */
    return n == 1 ? 7 : 1;
}
static void *other(void *arg)
{
    usleep(20000);
    syscall(SYS_exit, 9);
    return NULL;
}
static char stack[65536] __attribute__((aligned(16)));
static void wait_for(pid_t p)
{
    int st = 0;
    char b[40];
    out("%s\n", AWAIT(waitpid(p, &st, WNOHANG) == p) ? ended(st, b) : "never ends");
    kill(p, SIGKILL);
}
int main(void)
{
    pthread_t t;
    pid_t p;
    wait_for(clone(body, stack + sizeof stack, SIGCHLD, NULL));
    if ((p = child()) == 0) {
        int r = body(NULL);
        syscall(SYS_exit, r);
    }
    wait_for(p);
    if ((p = child()) == 0) {
        int r = body(NULL);
        pthread_create(&t, NULL, other, NULL);
        syscall(SYS_exit, r);
    }
    wait_for(p);
    on(SIGUSR1, handler, SA_RESTART);
    wait_for(clone(body, stack + sizeof stack, SIGCHLD, NULL));
    return 0;
}
