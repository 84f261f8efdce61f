/* Case 4: siggetmask, which the linker warns of; looked up by name. */
#include "common.h"
#include <dlfcn.h>
static void a(int sig) {}
int main(void)
{
    int (*get)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, "siggetmask");
    on(SIGUSR1, a, 0);
    block(SIGUSR1), block(SIGALRM);
    out("%x\n", get ? get() : -1);
    unblock(SIGUSR1);
    out("%x\n", get ? get() : -1);
    return 0;
}
