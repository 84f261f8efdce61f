/* Case 27: RLIMIT_SIGPENDING: sigqueue fails with EAGAIN where it would natively; all that were accepted arrive. */
/* needs: root */
#include "common.h"
#include <grp.h>
#include <sys/resource.h>
static volatile int n;
static void handler(int sig) { n++; }
int main(void)
{
    struct rlimit r = {20, 20};
    CHECK(setresgid(43210, 43210, 43210) == 0 && setresuid(43210, 43210, 43210) == 0);
    CHECK(setrlimit(RLIMIT_SIGPENDING, &r) == 0);
    on(SIGRTMIN, handler, 0), on(SIGUSR1, handler, 0);
    block(SIGRTMIN);
    int sent = 0, failed = 0;
    for (int k = 0; k < 40; k++)
        if (sigqueue(getpid(), SIGRTMIN, (union sigval){k}) == 0)
            sent++;
        else
            failed += errno == EAGAIN;
    out("refused some %d, all accounted %d\n", failed > 0, sent + failed == 40);
    unblock(SIGRTMIN);
    out("all arrived %d\n", n == sent);
    raise(SIGUSR1);
    out("raise works %d\n", n == sent + 1);
    return 0;
}
