/* Case 20: a handler installed and signals raised in a constructor, before main; a child killed by then. */
#include "common.h"
static volatile sig_atomic_t n;
static void handler(int sig) { n++; }
__attribute__((constructor)) static void early(void)
{
    pid_t me = getpid();
    on(SIGUSR1, handler, SA_RESTART);
    raise(SIGUSR1);
    kill(me, SIGUSR1);
    pid_t p = child();
    if (p == 0)
        _exit(kill(me, SIGUSR1));
    reap(p);
    CHECK(AWAIT(n == 3));
    block(SIGUSR1);
    raise(SIGUSR1);
}
int main(void)
{
    out("in main: handled %d mask %llx pending %llx\n", (int)n, (unsigned long long)my_mask(), (unsigned long long)my_pending());
    unblock(SIGUSR1);
    out("handled %d\n", (int)n);
    return 0;
}
