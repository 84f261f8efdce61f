/* Case 36: another process that shares the dispositions, not only the memory, puts its own handler there while a signal waits
 * for its maker. That is handled, by whichever. */
#include "common.h"
#include <sched.h>
static volatile int n;
static void one(int sig) { n++; }
static void other(int sig) { n++; }
static int changes(void *unused) { on(SIGUSR1, other, SA_RESTART); return 0; }

int main(void)
{
    static char stack[65536] __attribute__((aligned(16)));
    int go[2];
    char byte = 0;
    pid_t me = getpid(), p;
    CHECK(pipe(go) == 0);
    on(SIGUSR1, one, SA_RESTART);
    p = child();
    if (p == 0) {
        CHECK(read(go[0], &byte, 1) == 1 && kill(me, SIGUSR1) == 0);
        _exit(0);
    }
    CHECK(write(go[1], &byte, 1) == 1);
    for (int64_t end = now_ms() + 5; now_ms() < end;)
        ;
    pid_t c = clone(changes, stack + sizeof stack, CLONE_VM | CLONE_SIGHAND | SIGCHLD, NULL);
    CHECK(c > 0);
    reap(c);
    reap(p);
    CHECK(AWAIT(n > 0));
    out("handled\n");
    return 0;
}
