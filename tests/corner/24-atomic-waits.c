/* Case 24: sigsuspend, ppoll, pselect, epoll_pwait and epoll_pwait2 open their mask atomically: of 100 signals
 * for each, sent while blocked or at any moment, none is lost and none comes outside. */
/* limit: 40 */
#include "common.h"
#include <sys/epoll.h>
#include <sys/select.h>
static volatile int n, inside, outside;
static void handler(int sig) { n++; outside += !inside; }
static long wait_(int how, const sigset_t *m, int ep)
{
    struct timespec t = {8, 0};
    struct pollfd p = {-1, 0, 0};
    struct epoll_event e;
    switch (how) {
    case 0: return sigsuspend(m);
    case 1: return ppoll(&p, 1, &t, m);
    case 2: return pselect(0, NULL, NULL, NULL, &t, m);
    case 3: return epoll_pwait(ep, &e, 1, 8000, m);
    default: return epoll_pwait2(ep, &e, 1, &t, m);
    }
}
int main(void)
{
    sigset_t s = set_of(SIGUSR1, 0), open_;
    int ep = epoll_create1(0), go[2];
    on(SIGUSR1, handler, SA_RESTART);
    sigprocmask(SIG_BLOCK, &s, &open_);
    pid_t me = getpid();
    CHECK(pipe(go) == 0);
    pid_t p = child();
    if (p == 0) {
        char c;
        close(go[1]);
        while (read(go[0], &c, 1) == 1) {
            for (volatile int i = 0; i < c * 50; i++)
                ;
            kill(me, SIGUSR1);
        }
        _exit(0);
    }
    close(go[0]);
    for (int how = 0; how < 5; how++) {
        int wrong = 0;
        n = 0;
        for (int k = 1; k <= 100; k++) {
            char c = (char)(k % 50);
            CHECK(write(go[1], &c, 1) == 1);
            inside = 1;
            long r = wait_(how, &open_, ep);
            int e = errno;
            inside = 0;
            wrong += r != -1 || e != EINTR || n != k;
        }
        out("%d: handled %d wrong %d outside %d mask %llx\n", how, n, wrong, outside, (unsigned long long)my_mask());
    }
    close(go[1]);
    reap(p);
    return 0;
}
