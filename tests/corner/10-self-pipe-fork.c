/* Case 10: a self-pipe made before fork: the child's handler writes into the pipe that both share. */
/* also: helper-concurrent */
#include "common.h"
static int p[2];
static void handler(int sig) { int e = errno; char c = (char)sig; if (write(p[1], &c, 1) != 1) out("FAIL write\n"); errno = e; }
int main(void)
{
    char c = 0, b[40];
    CHECK(pipe2(p, O_NONBLOCK | O_CLOEXEC) == 0);
    on(SIGTERM, handler, SA_RESTART), on(SIGHUP, handler, SA_RESTART);
    for (int k = 0; k < 5; k++) {
        pid_t kid = kill_when_asleep(SIGHUP);
        struct pollfd f = {p[0], POLLIN, 0};
        while (poll(&f, 1, DEADLINE_MS) < 0)
            ;
        CHECK(read(p[0], &c, 1) == 1 && c == SIGHUP);
        CHECK(reap(kid) == 0);
    }
    volatile int *ready = shared(4096);
    pid_t kid = child();
    if (kid == 0) {
        *ready = 1;
        while (*ready == 1) {
            struct pollfd none = {-1, 0, 0};
            poll(&none, 1, 20);
        }
        _exit(0);
    }
    CHECK(AWAIT(*ready));
    kill(kid, SIGTERM);
    struct pollfd f = {p[0], POLLIN, 0};
    CHECK(poll(&f, 1, DEADLINE_MS) == 1);
    CHECK(read(p[0], &c, 1) == 1);
    *ready = 2;
    out("the child's byte %d, then %zd; %s\n", c, read(p[0], &c, 1), ended(reap(kid), b));
    return 0;
}
