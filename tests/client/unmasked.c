/* SIGFERRY_PIPE_UNMASKED: no mask is touched, and a program that is started has none of ours. What was blocked at the
 * time of the trap is read all the same. */
#define KEEP_USER
#include "client.h"

int main(int argc, char **argv)
{
    uint64_t mask;
    struct timespec nap = {DEADLINE_MS / 1000, 0};
    STATUS_CHILD(argc, argv);
    block(SIGUSR2);
    mask = my_mask();
    CHECK(sigferry_pipe_init(SIGFERRY_PIPE_UNMASKED) >= 0 && sigferry_pipe_trap(SIGUSR1) == 0 && sigferry_pipe_trap(SIGUSR2) == 0);
    CHECK(my_mask() == mask);
    kill(getpid(), SIGUSR1);
    CHECK(next() == SIGUSR1);
    kill(getpid(), SIGUSR2);
    CHECK(next() == SIGUSR2);
    pid_t p = kill_when_asleep(SIGUSR1);
    CHECK(nanosleep(&nap, NULL) == -1 && errno == EINTR); /* the price */
    CHECK(next() == SIGUSR1 && quiet());
    reap(p);
    p = child();
    if (p == 0)
        execl(self(), self(), "--status", "plain exec", NULL);
    CHECK(reap(p) == 0);
    CHECK(sigferry_pipe_finish() == 0 && my_mask() == mask);
    done();
}
