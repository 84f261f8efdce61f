/* Semantics: SA_NOCLDWAIT with a handler, SIGCHLD ignored, SIGCHLD default: who leaves zombies, what wait says. */
#include "common.h"
static volatile int n;
static void handler(int sig) { n++; }
int main(void)
{
    for (int k = 0; k < 4; k++) {
        n = 0;
        if (k == 0)
            on(SIGCHLD, handler, SA_NOCLDWAIT | SA_RESTART);
        else if (k == 1)
            signal(SIGCHLD, SIG_IGN);
        else if (k == 2)
            signal(SIGCHLD, SIG_DFL);
        else
            on(SIGCHLD, handler, SA_RESTART);
        int fd[2];
        char c;
        CHECK(pipe(fd) == 0);
        pid_t p = fork();
        if (p == 0)
            _exit(3);
        close(fd[1]);
        (void)!read(fd[0], &c, 1);
        close(fd[0]);
        if (k == 0 || k == 3)
            CHECK(AWAIT(n == 1));
        int st = -1;
        pid_t r = waitpid(p, &st, 0);
        int e = errno;
        out("%d: wait %s %s status %x handled %d\n", k, r == p ? "child" : "-1", r < 0 ? strerrorname_np(e) : "-", st, n);
    }
    return 0;
}
