/* Case 9: a prefork server: the master installs handlers and forks workers that never exec; SIGHUP and SIGTERM to
 * the workers, SIGCHLD to the master, a worker that dies is replaced. */
/* limit: 30 */
#include "common.h"
#define N 4
static volatile sig_atomic_t chld, hup, term;
static void on_chld(int s) { chld++; }
static void on_hup(int s) { hup++; }
static void on_term(int s) { term++; }
static volatile int *ready;
static pid_t spawn(int i)
{
    ready[i] = 0;
    pid_t p = child();
    if (p == 0) {
        int seen = 0;
        on(SIGCHLD, SIG_DFL, 0);
        sigset_t m = set_of(SIGHUP, SIGTERM, 0), none;
        sigemptyset(&none);
        sigprocmask(SIG_BLOCK, &m, NULL);
        ready[i] = 1;
        while (!term) {
            sigsuspend(&none);
            if (hup != seen)
                ready[i] = 1 + (seen = hup);
        }
        _exit(10 + seen);
    }
    return p;
}
int main(void)
{
    pid_t p[N];
    char b[40];
    int st;
    ready = shared(4096);
    on(SIGCHLD, on_chld, SA_RESTART), on(SIGHUP, on_hup, SA_RESTART), on(SIGTERM, on_term, 0);
    for (int i = 0; i < N; i++)
        p[i] = spawn(i);
    for (int i = 0; i < N; i++)
        CHECK(AWAIT(ready[i]));
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < N; i++) {
            kill(p[i], SIGHUP);
            CHECK(AWAIT(ready[i] == k + 2));
        }
    kill(p[1], SIGKILL);
    CHECK(AWAIT(chld));
    CHECK(waitpid(-1, &st, 0) == p[1]);
    out("died: %s, chld %d\n", ended(st, b), (int)chld);
    p[1] = spawn(1);
    CHECK(AWAIT(ready[1]));
    for (int i = 0; i < N; i++) {
        kill(p[i], SIGTERM);
        out("worker %d: %s\n", i, ended(reap(p[i]), b));
    }
    out("chld at least one %d, master hup %d term %d\n", chld > 1, (int)hup, (int)term);
    return 0;
}
