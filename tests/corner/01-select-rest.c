/* Case 1: select leaves the remaining time when interrupted, pselect and ppoll do not touch theirs; the sets are
 * as the kernel leaves them. */
#include "common.h"
#include <sys/select.h>
static volatile int n;
static void handler(int sig) { n++; }
int main(void)
{
    int fd[2];
    fd_set r;
    CHECK(pipe(fd) == 0);
    on(SIGUSR1, handler, SA_RESTART);
    for (int how = 0; how < 3; how++) {
        struct timeval tv = {20, 0};
        struct timespec ts = {20, 0};
        struct pollfd pf = {fd[0], POLLIN, 0x7f};
        pid_t p = kill_when_asleep(SIGUSR1);
        FD_ZERO(&r);
        FD_SET(fd[0], &r);
        int k = how == 0 ? select(fd[0] + 1, &r, NULL, NULL, &tv) : how == 1 ? pselect(fd[0] + 1, &r, NULL, NULL, &ts, NULL) : ppoll(&pf, 1, &ts, NULL);
        int e = errno;
        out("%d: %d %s set %d revents %x select's rest %d pselect's %d\n", how, k, strerrorname_np(e), !!FD_ISSET(fd[0], &r), pf.revents,
            how ? -1 : tv.tv_sec < 20 && tv.tv_sec > 5, ts.tv_sec == 20 && ts.tv_nsec == 0);
        reap(p);
    }
    out("handled %d\n", n);
    return 0;
}
