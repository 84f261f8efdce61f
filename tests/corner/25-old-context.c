/* Case 25: a context and a jump buffer saved before the signal was caught; restored after: the mask is the old
 * one, the handler works on. */
#include "common.h"
static volatile int n, round_;
static void handler(int sig) { n++; }
int main(void)
{
    ucontext_t old;
    sigjmp_buf env;
    int r;
    block(SIGHUP);
    r = sigsetjmp(env, 1);
    if (r == 0) {
        getcontext(&old);
        round_++;
        if (round_ > 1) {
            out("context back: mask %llx\n", (unsigned long long)my_mask());
            raise(SIGUSR1), raise(SIGTERM);
            out("handled %d\n", n);
            pid_t p = kill_when_asleep(SIGUSR1);
            pause();
            reap(p);
            out("handled %d\n", n);
            block(SIGUSR1);
            siglongjmp(env, 1);
        }
        on(SIGUSR1, handler, 0), on(SIGTERM, handler, SA_RESTART);
        raise(SIGUSR1), raise(SIGTERM);
        block(SIGTERM), block(SIGUSR1), unblock(SIGHUP);
        raise(SIGTERM);
        out("before: mask %llx handled %d\n", (unsigned long long)my_mask(), n);
        setcontext(&old);
        out("FAIL setcontext returned\n");
    }
    out("jump back: mask %llx handled %d\n", (unsigned long long)my_mask(), n);
    return 0;
}
