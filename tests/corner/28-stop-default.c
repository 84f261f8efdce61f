/* Case 28: SIGSTOP and SIGCONT of a process with handlers, parked and busy: waitpid sees each, a blocking call goes
 * on, and SIGCONT's handler runs. */
#include "common.h"
static volatile int *state;
static void handler(int sig) { state[0]++; }
int main(void)
{
    char b[40];
    state = shared(4096);
    for (int busy = 0; busy < 2; busy++) {
        int fd[2], st;
        state[0] = state[1] = 0;
        CHECK(pipe(fd) == 0);
        pid_t p = child();
        if (p == 0) {
            char c;
            on(SIGCONT, handler, SA_RESTART), on(SIGUSR1, handler, SA_RESTART);
            raise(SIGUSR1);
            state[1] = 1;
            if (busy)
                while (state[0] < 2)
                    __asm__ volatile("pause");
            ssize_t r = read(fd[0], &c, 1);
            out("read %zd handled %d\n", r, state[0]);
            _exit(0);
        }
        CHECK(AWAIT(state[1]) && (busy || asleep(p, p)));
        kill(p, SIGSTOP);
        CHECK(waitpid(p, &st, WUNTRACED) == p && WIFSTOPPED(st));
        out("stopped %d\n", WSTOPSIG(st));
        kill(p, SIGCONT);
        CHECK(waitpid(p, &st, WCONTINUED) == p);
        out("continued %d\n", WIFCONTINUED(st));
        CHECK(AWAIT(state[0] == 2));
        CHECK(write(fd[1], "x", 1) == 1);
        out("%s\n", ended(reap(p), b));
        close(fd[0]), close(fd[1]);
    }
    return 0;
}
