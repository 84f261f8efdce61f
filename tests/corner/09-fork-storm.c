/* Case 9: two hundred forks while SIGALRM ticks and SIGCHLD counts; every child is reaped, its status right. */
/* limit: 40 */
#include "common.h"
static volatile sig_atomic_t ticks, chld, reaped, bad;
static void on_alrm(int s) { ticks++; }
static void on_chld(int s)
{
    int e = errno, st;
    pid_t p;
    chld++;
    while ((p = waitpid(-1, &st, WNOHANG)) > 0) {
        reaped++;
        bad += !WIFEXITED(st) || WEXITSTATUS(st) != 3;
    }
    errno = e;
}
int main(void)
{
    struct itimerval it = {{0, 1000}, {0, 1000}}, off = {{0, 0}, {0, 0}};
    on(SIGALRM, on_alrm, SA_RESTART), on(SIGCHLD, on_chld, SA_RESTART);
    setitimer(ITIMER_REAL, &it, NULL);
    for (int k = 0; k < 200; k++) {
        pid_t p = fork();
        if (p == 0)
            _exit(3);
        if (p < 0)
            out("FAIL fork %d\n", errno);
    }
    CHECK(AWAIT(reaped == 200 && ticks >= 3));
    setitimer(ITIMER_REAL, &off, NULL);
    out("reaped %d bad %d chld %d\n", (int)reaped, (int)bad, chld > 0);
    return 0;
}
