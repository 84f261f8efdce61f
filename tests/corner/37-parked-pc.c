/* Case 37: a thread parked in a call: the handler's ucontext is that of the thread, its stack pointer in its stack,
 * and a frame-pointer-free unwinder (backtrace) finds the function that called. */
/* not: helper */
/* flags: -fno-omit-frame-pointer -rdynamic -fno-optimize-sibling-calls */
#include "common.h"
#include <execinfo.h>
static volatile int n, found, sp_right;
static volatile uintptr_t top;
static int rfd;
long __attribute__((noinline)) waiting_function(void);
static void handler(int sig, siginfo_t *si, void *u)
{
    void *pc[40];
    int k = backtrace(pc, 40);
    uintptr_t sp = (uintptr_t)((ucontext_t *)u)->uc_mcontext.gregs[REG_RSP], f = (uintptr_t)waiting_function;
    for (int i = 0; i < k; i++)
        if ((uintptr_t)pc[i] > f && (uintptr_t)pc[i] < f + 200) {
            found++;
            break;
        }
    sp_right += sp < top && sp > top - 65536;
    n++;
}
long waiting_function(void)
{
    char c;
    long r = read(rfd, &c, 1);
    __asm__ volatile("" ::: "memory");
    return r + 1;
}
int main(void)
{
    int p[2];
    char here;
    void *warm[2];
    backtrace(warm, 2); /* loads libgcc now, not in the handler */
    top = (uintptr_t)&here + 256;
    CHECK(pipe(p) == 0);
    rfd = p[0];
    on_info(SIGUSR1, handler, 0);
    for (int k = 0; k < 3; k++) {
        pid_t kid = kill_when_asleep(SIGUSR1);
        waiting_function();
        CHECK(reap(kid) == 0);
    }
    out("handled %d found %d stack %d\n", n, found, sp_right);
    return 0;
}
