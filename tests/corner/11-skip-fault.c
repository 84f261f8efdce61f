/* Case 11: a SIGSEGV, SIGFPE, SIGILL and SIGTRAP handler edits the registers: the instruction is skipped, a result
 * set; the fault's siginfo is right. */
#include "common.h"
static volatile int n;
static char *volatile bad_address;
static void handler(int sig, siginfo_t *si, void *u)
{
    greg_t *r = ((ucontext_t *)u)->uc_mcontext.gregs;
    n++;
    if (sig == SIGSEGV)
        out("SEGV code %d address right %d trap %lld\n", si->si_code, si->si_addr == bad_address, (long long)r[REG_TRAPNO]);
    else
        out("signal %d code %d address right %d\n", sig, si->si_code,
            sig == SIGTRAP || si->si_addr == (void *)r[REG_RIP]);
    if (sig == SIGTRAP)
        return;
    r[REG_RIP] += 2; /* each faulting instruction below is two bytes long */
    r[REG_RAX] = 1234;
}
int main(void)
{
    on_info(SIGSEGV, handler, 0), on_info(SIGFPE, handler, 0), on_info(SIGILL, handler, 0), on_info(SIGTRAP, handler, 0);
    long v = 0;
    bad_address = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int k = 0; k < 3; k++) {
        __asm__ volatile("movl (%1), %%eax" : "=a"(v) : "b"(bad_address) : "memory");
        out("load gives %ld\n", v);
    }
    __asm__ volatile("idivl %1" : "=a"(v) : "r"(0), "a"(1), "d"(0));
    out("division gives %ld\n", v);
    __asm__ volatile("ud2" : "=a"(v) : "a"(0));
    out("ud2 gives %ld\n", v);
    __asm__ volatile("int3");
    out("handled %d\n", n);
    return 0;
}
