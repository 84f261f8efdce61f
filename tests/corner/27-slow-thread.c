/* Case 27: a thread that does not run while signals wait for it (held by a tracer here, it might be the scheduler's doing)
 * is not sent a relay every millisecond: these queue, out of the user's quota of pending signals. */
/* not: now-direct safe-point-direct interruption-point-direct traced-direct */
#include "common.h"
#include "../../trace/format.h"
#include <sys/ptrace.h>
extern struct sf_status sigferry_status __attribute__((weak));
static volatile int n;
static void handler(int sig) { n++; }
static uint64_t relays(void) { return &sigferry_status ? sigferry_status.counter[SF_COUNT_RELAYS] : 0; }
int main(void)
{
    pid_t me = getpid(), tid = gettid_(), p;
    uint64_t before;
    int64_t begin, ms;
    int at = 0;
    on(SIGUSR1, handler, 0);
    raise(SIGUSR1);
    for (int round = 0; round < 2; round++) {
        int busy = round, st;
        before = relays();
        begin = now_ms();
        at = n;
        p = child();
        if (p == 0) {
            if (!busy && !asleep(me, tid))
                _exit(1);
            if (ptrace(PTRACE_SEIZE, tid, 0, 0) || ptrace(PTRACE_INTERRUPT, tid, 0, 0))
                _exit(77);
            for (st = 0; !(waitpid(tid, &st, __WALL) == tid && WIFSTOPPED(st)); )
                ;
            if (kill(me, SIGUSR1))
                _exit(2);
            for (int64_t t = now_ms(); now_ms() < t + 150;)
                usleep(10000);
            _exit(ptrace(PTRACE_DETACH, tid, 0, 0) ? 3 : 0);
        }
        prctl(PR_SET_PTRACER, p, 0, 0, 0);
        CHECK(busy ? SPIN(n > at) : AWAIT(n > at));
        st = reap(p);
        ms = now_ms() - begin;
        if (WIFEXITED(st) && WEXITSTATUS(st) == 77)
            SKIP("no ptrace here");
        out("busy %d: handled %d, child %d, relays bounded %d\n", busy, n - at, st,
            relays() - before < (uint64_t)ms / 10 + 5);
    }
    return 0;
}
