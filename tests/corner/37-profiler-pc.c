/* Case 37: a profiler reads the program counter from its third argument: it lies in the interrupted function,
 * a loop that calls nothing; the stack pointer in its thread's stack. */
/* not: helper */
#include "common.h"
static volatile int ticks, inside, sp_right;
static volatile uintptr_t low, high, top;
static void handler(int sig, siginfo_t *si, void *u)
{
    greg_t *r = ((ucontext_t *)u)->uc_mcontext.gregs;
    uintptr_t pc = (uintptr_t)r[REG_RIP], sp = (uintptr_t)r[REG_RSP];
    inside += pc >= low && pc < high;
    sp_right += sp < top && sp > top - 4096;
    ticks++;
}
static void __attribute__((noinline)) loop(volatile int *until)
{
    __asm__ volatile("1: lea 1b(%%rip), %%rax\n\tmov %%rax, %0\n\tlea 3f(%%rip), %%rax\n\tmov %%rax, %1\n"
                     "2: pause\n\tcmpl $20, %2\n\tjl 2b\n3:"
                     : "=m"(low), "=m"(high) : "m"(*until) : "rax", "memory");
}
int main(void)
{
    struct itimerval it = {{0, 1000}, {0, 1000}}, off = {{0, 0}, {0, 0}};
    char here;
    top = (uintptr_t)&here + 64;
    low = high = 0;
    on_info(SIGPROF, handler, SA_RESTART);
    setitimer(ITIMER_PROF, &it, NULL);
    loop(&ticks);
    setitimer(ITIMER_PROF, &off, NULL);
    out("inside %s stack %s\n", inside >= 18 ? "nearly all" : "too few", sp_right >= 18 ? "right" : "wrong");
    if (inside < 18)
        out("%d of %d\n", inside, ticks);
    return 0;
}
