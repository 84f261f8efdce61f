/* Case 4: sigblock, sigsetmask: masks in 32 bits. */
#include "common.h"
#define BIT(sig) (1 << ((sig) - 1)) /* BIT() warns */
static volatile sig_atomic_t n;
static void a(int sig) { n++; }
int main(void)
{
    on(SIGUSR1, a, 0), on(SIGUSR2, a, 0), on(SIGHUP, a, 0);
    out("%x\n", sigblock(BIT(SIGUSR1)));
    out("%x\n", sigblock(BIT(SIGUSR2)));
    raise(SIGUSR1), raise(SIGUSR2), raise(SIGHUP);
    out("handled %d mask %x\n", (int)n, sigblock(0));
    out("%x\n", sigsetmask(BIT(SIGUSR2) | BIT(SIGALRM)));
    out("handled %d mask %x\n", (int)n, sigblock(0));
    out("%x\n", sigsetmask(0));
    out("handled %d mask %llx\n", (int)n, (unsigned long long)my_mask());
    out("%d\n", gsignal(SIGUSR1));
    out("handled %d\n", (int)n);
    return 0;
}
