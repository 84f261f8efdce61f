/* A handler that only wrote to a pipe does something else, while later signals of its number wait behind it on the helper thread:
 * it moves back in-thread, and they keep their order. */
#include "common.h"

#define EACH 200
#define BREAKS 40
static int pipes[2];
static volatile int last, wrong;

static void handler(int signo, siginfo_t *info, void *context)
{
    if (info->si_value.sival_int != last + 1)
        wrong++;
    last = info->si_value.sival_int;
    if (last >= BREAKS)
        sched_yield(); /* takes time, and does not count as a call */
    if (last == BREAKS)
        usleep(100);
    if (write(pipes[1], "x", 1) != 1)
        wrong += 1000;
}

int main(void)
{
    char some[512];
    CHECK(pipe2(pipes, O_NONBLOCK) == 0);
    for (int signo = SIGRTMIN + 1; signo < SIGRTMIN + 13; signo++) {
        pid_t me = getpid(), p;
        last = 0;
        on_info(signo, handler, SA_RESTART);
        p = child();
        if (p == 0) {
            for (int i = 1; i <= EACH; i++) {
                union sigval v = {.sival_int = i};
                while (sigqueue(me, signo, v) != 0)
                    usleep(100);
                if (i < BREAKS - 10)
                    usleep(300);
            }
            _exit(0);
        }
        for (int turn = 0; last < EACH && turn < 100000; turn++) {
            struct pollfd fd = {pipes[0], POLLIN, 0};
            for (volatile int i = 0; i < turn % 7 * 3000; i++)
                ;
            poll(&fd, 1, 1);
            while (read(pipes[0], some, sizeof some) > 0)
                ;
        }
        CHECK(last == EACH);
        reap(p);
    }
    out("wrong %d\n", wrong);
    return 0;
}
