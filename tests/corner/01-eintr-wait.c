/* Case 1: wait, waitpid, waitid, wait3, wait4 of a child that ends only after the handler ran. */
#include "eintr.h"
#include <sys/resource.h>
static volatile int *go;
static pid_t kid;
static void before(void)
{
    *go = 0;
    kid = child();
    if (kid == 0)
        _exit(AWAIT(*go) ? 7 : 8);
}
static void complete(void) { *go = 1; }
static long ok(pid_t p) { return p > 0 ? p == kid : p; }
static void finish(void) { int e = errno; *go = 1; if (kid > 0) { waitpid(kid, NULL, __WALL); } errno = e; }
static long do_waitpid(void) { long r = ok(waitpid(kid, NULL, 0)); finish(); return r; }
static long do_wait4(void) { struct rusage u; long r = ok(wait4(kid, NULL, 0, &u)); finish(); return r; }
static long do_waitid(void) { siginfo_t i; long r = waitid(P_PID, (id_t)kid, &i, WEXITED); finish(); return r; }
int main(void)
{
    static const struct blocking_call calls[] = {{"waitpid", do_waitpid, complete, before},
        {"wait4", do_wait4, complete, before}, {"waitid", do_waitid, complete, before}};
    go = shared(4096);
    EINTR_TABLE(calls);
    return 0;
}
