/* Case 16: a handler that itself blocks in read and sleeps; another signal comes meanwhile and runs nested; the
 * interrupted call of main returns EINTR or is restarted as its flags say. */
/* not: helper */
#include "common.h"
static volatile int *state;
static int fd[2];
static void nested(int sig) { state[1]++; }
static void handler(int sig)
{
    char c;
    state[0]++;
    ssize_t r = read(fd[0], &c, 1);
    int e = errno;
    out("in the handler: %zd %s nested %d mask %llx\n", r, r < 0 ? strerrorname_np(e) : "-", state[1], (unsigned long long)my_mask());
    struct timespec t = {0, 2000000};
    nanosleep(&t, NULL);
    state[2]++;
}
int main(void)
{
    int mine[2];
    char c;
    state = shared(4096);
    CHECK(pipe(fd) == 0 && pipe(mine) == 0);
    for (int k = 0; k < 2; k++) {
        on(SIGUSR1, handler, SA_RESTART);
        on(SIGUSR2, nested, k ? SA_RESTART : 0);
        state[0] = state[1] = state[2] = 0;
        pid_t me = getpid(), tid = gettid_(), p = child();
        if (p == 0) {
            if (!asleep(me, tid) || kill(me, SIGUSR1) || !AWAIT(state[0]) || !asleep(me, tid) || kill(me, SIGUSR2) || !AWAIT(state[1]))
                _exit(1);
            if (k && write(fd[1], "h", 1) != 1)
                _exit(2);
            if (!AWAIT(state[2]) || write(mine[1], "m", 1) != 1)
                _exit(3);
            _exit(0);
        }
        ssize_t r = read(mine[0], &c, 1);
        out("main: %zd %c states %d %d %d\n", r, c, state[0], state[1], state[2]);
        CHECK(reap(p) == 0);
    }
    return 0;
}
