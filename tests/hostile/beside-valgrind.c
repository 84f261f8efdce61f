/* What test_hostile.py runs in valgrind: signals of either kind to a thread that sleeps, and a timer's. No defect of its own. */
#include "../corner/common.h"
static volatile int got, ticks;
static void handler(int sig) { got++; }
static void on_tick(int sig) { ticks += 1 + (got < 0); }
int main(void)
{
    struct itimerval soon = {{0, 0}, {0, 5000}};
    pid_t pid;
    int st;
    on(SIGUSR1, handler, SA_RESTART), on(SIGRTMIN, handler, 0), on(SIGALRM, on_tick, 0);
    for (int k = 0; k < 20; k++) {
        int before = got;
        CHECK((pid = child()) >= 0);
        if (pid == 0)
            _exit(kill(getppid(), SIGUSR1) || sigqueue(getppid(), SIGRTMIN, (union sigval){k}));
        CHECK(AWAIT(got == before + 2));
        st = reap(pid);
        CHECK(WIFEXITED(st) && WEXITSTATUS(st) == 0);
    }
    setitimer(ITIMER_REAL, &soon, NULL);
    CHECK(AWAIT(ticks == 1));
    raise(SIGUSR1);
    out("handled %d, ticks %d\n", got, ticks);
    return 3;
}
