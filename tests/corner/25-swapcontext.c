/* Case 25: swapcontext coroutines, each with a signal mask of its own; signals between and inside. */
#include "common.h"
static ucontext_t main_, co[2];
static char stack[2][65536];
static volatile int n;
static void handler(int sig) { n++; }
static void body(int i)
{
    for (int k = 0; k < 3; k++) {
        out("co %d round %d mask %llx handled %d\n", i, k, (unsigned long long)my_mask(), n);
        if (i == 0)
            raise(SIGUSR1);
        else
            block(SIGALRM);
        swapcontext(&co[i], &main_);
    }
    out("co %d ends mask %llx\n", i, (unsigned long long)my_mask());
}
int main(void)
{
    on(SIGUSR1, handler, SA_RESTART);
    raise(SIGUSR1);
    for (int i = 0; i < 2; i++) {
        getcontext(&co[i]);
        co[i].uc_stack.ss_sp = stack[i];
        co[i].uc_stack.ss_size = sizeof stack[i];
        co[i].uc_link = &main_;
        if (i == 0)
            sigaddset(&co[i].uc_sigmask, SIGUSR1);
        else
            sigaddset(&co[i].uc_sigmask, SIGTERM);
        makecontext(&co[i], (void (*)(void))body, 1, i);
    }
    for (int k = 0; k < 4; k++)
        for (int i = 0; i < 2; i++) {
            swapcontext(&main_, &co[i]);
            out("main mask %llx handled %d\n", (unsigned long long)my_mask(), n);
        }
    return 0;
}
