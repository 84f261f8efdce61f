/* Case 9: signals that reach a child as soon as it exists, perhaps before fork() has returned in it: each handled once,
 * in the child, by the handler that it inherited. With fork, _Fork, clone and the system call. */
#include "common.h"
#include <sched.h>
static volatile int *handled; /* [0] SIGUSR1, [1] SIGSEGV in a child; [2] in its parent; [3] over */
static volatile pid_t owner;
static void handler(int sig)
{
    __atomic_fetch_add(&handled[getpid() == owner ? 2 : sig == SIGSEGV], 1, __ATOMIC_SEQ_CST);
}
/* The children of a process are known from /proc: a sender that looks there is as early as it gets. */
static int first_child(pid_t parent)
{
    char path[64], buf[64] = "";
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, buf, sizeof buf - 1);
    close(fd);
    return n > 0 ? atoi(buf) : 0;
}
static void life(void)
{
    AWAIT(handled[0] && handled[1]);
    _exit(handled[0] == 1 && handled[1] == 1 ? 0 : 1);
}
static int body(void *arg)
{
    life();
    return 0;
}
static char stack[65536] __attribute__((aligned(16)));
static pid_t born(int how)
{
    switch (how) {
    case 0:
        return fork();
    case 1:
        return _Fork();
    case 2:
        return clone(body, stack + sizeof stack, SIGCHLD, NULL);
    default:
        return (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    }
}
int main(void)
{
    int bad = 0, st;
    handled = shared(64);
    owner = child();
    if (owner > 0) { /* the sender is the parent of them all */
        pid_t p = owner;
        while (!handled[3]) {
            int c = first_child(p);
            static int last;
            if (c > 0 && c != last) {
                last = c;
                kill(c, SIGUSR1);
                kill(c, SIGSEGV);
            }
        }
        CHECK(reap(p) == 0);
        return 0;
    }
    owner = getpid();
    on(SIGUSR1, handler, SA_RESTART);
    on(SIGSEGV, handler, SA_RESTART);
    raise(SIGUSR1);
    usleep(100);
    for (int k = 0; k < 240; k++) {
        handled[0] = handled[1] = 0;
        pid_t p = born(k % 4);
        if (p == 0)
            life();
        while (waitpid(p, &st, 0) < 0)
            ;
        bad += st != 0;
    }
    out("%d bad, %d in the parent\n", bad, handled[2]);
    handled[3] = 1;
    return 0;
}
