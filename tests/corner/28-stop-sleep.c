/* Case 28: SIGSTOP and SIGCONT without handlers of them, while a program with other handlers sleeps in nanosleep,
 * poll, read, select, sem_wait, pause, epoll_wait, sigtimedwait: goes on or gives EINTR exactly as natively. */
/* limit: 40 */
#include "common.h"
#include <sys/epoll.h>
#include <sys/select.h>
static volatile int *state;
static sem_t *sem;
static int fd[2], ep;
static void handler(int sig) { state[1]++; }
static long wait_(int how)
{
    struct timespec t = {0, 200000000}, long_ = {5, 0}; /* those that end with EINTR must not be over before */
    struct timeval tv = {0, 200000};
    struct pollfd p = {fd[0], POLLIN, 0};
    struct epoll_event e;
    sigset_t s = set_of(SIGUSR2, 0);
    char c;
    fd_set r;
    FD_ZERO(&r);
    FD_SET(fd[0], &r);
    switch (how) {
    case 0: return nanosleep(&t, NULL);
    case 1: return poll(&p, 1, 200);
    case 2: return select(fd[0] + 1, &r, NULL, NULL, &tv);
    case 3: return clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
    case 4: return epoll_wait(ep, &e, 1, 5000);
    case 5: return sigtimedwait(&s, NULL, &long_);
    case 6: return read(fd[0], &c, 1);
    default: return sem_wait(sem);
    }
}
int main(void)
{
    char b[40];
    state = shared(4096), sem = shared(4096);
    sem_init(sem, 1, 0);
    CHECK(pipe(fd) == 0);
    ep = epoll_create1(0);
    for (int how = 0; how < 8; how++) {
        state[0] = state[2] = 0;
        pid_t p = child();
        if (p == 0) {
            on(SIGUSR1, handler, SA_RESTART), on(SIGUSR2, handler, 0);
            raise(SIGUSR1);
            state[0] = 1;
            long r = wait_(how);
            out("%d: %ld %s ", how, r, r < 0 ? strerrorname_np(errno) : "-");
            _exit(AWAIT(state[2]) ? 0 : 1); /* not before the parent has seen it continue */
        }
        int st;
        CHECK(AWAIT(state[0]) && asleep(p, p));
        kill(p, SIGSTOP);
        CHECK(waitpid(p, &st, WUNTRACED) == p && WIFSTOPPED(st));
        kill(p, SIGCONT);
        CHECK(waitpid(p, &st, WCONTINUED) == p && WIFCONTINUED(st));
        state[2] = 1;
        if (how == 6)
            CHECK(write(fd[1], "x", 1) == 1);
        else if (how == 7)
            sem_post(sem);
        out("%s\n", ended(reap(p), b));
    }
    return 0;
}
