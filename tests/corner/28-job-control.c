/* Case 28: SIGTSTP handler that resets and re-raises, as vi and less do; the parent sees the stop, continues it;
 * the SIGCONT handler runs, SIGTSTP is caught again; three rounds. */
#include "common.h"
static volatile int *state;
static void on_cont(int sig) { state[1]++; }
static void on_tstp(int sig)
{
    int e = errno;
    sigset_t s = set_of(SIGTSTP, 0), old;
    state[0]++;
    signal(SIGTSTP, SIG_DFL);
    raise(SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &s, &old);
    sigprocmask(SIG_SETMASK, &old, NULL);
    on(SIGTSTP, on_tstp, SA_RESTART);
    state[2]++;
    errno = e;
}
int main(void)
{
    char b[40];
    state = shared(4096);
    pid_t p = child();
    if (p == 0) {
        setpgid(0, 0); /* a group that is not orphaned: its leader's parent is in another of this session */
        on(SIGTSTP, on_tstp, SA_RESTART), on(SIGCONT, on_cont, SA_RESTART);
        state[3] = 1;
        while (state[2] < 3 || state[1] < 3)
            usleep(1000);
        _exit(6);
    }
    CHECK(AWAIT(state[3]));
    for (int k = 1; k <= 3; k++) {
        int st;
        kill(p, SIGTSTP);
        CHECK(waitpid(p, &st, WUNTRACED) == p);
        out("stopped %d by %d\n", WIFSTOPPED(st), WIFSTOPPED(st) ? WSTOPSIG(st) : -1);
        kill(p, SIGCONT);
        CHECK(AWAIT(state[2] == k && state[1] == k));
    }
    ended(reap(p), b);
    out("%s tstp %d cont %d\n", b, state[0], state[1]);
    return 0;
}
