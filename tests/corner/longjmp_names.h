/* The body of 04-longjmp-names and 04-longjmp-fortified, which differ in how they are compiled. */
#include "common.h"
static sigjmp_buf sj;
static jmp_buf j;
static volatile int how;
static void handler(int sig)
{
    switch (how) {
    case 0: siglongjmp(sj, 5);
    case 1: siglongjmp(sj, 6);
    case 2: longjmp(j, 7);
    case 3: _longjmp(j, 8);
    }
}
int main(void)
{
    int r;
    sigset_t none;
    sigemptyset(&none);
    on(SIGUSR1, handler, 0);
    for (how = 0; how < 4; how++) {
        sigprocmask(SIG_SETMASK, &none, NULL);
        block(SIGHUP);
        if (how < 2)
            r = sigsetjmp(sj, how == 0);
        else
            r = how == 2 ? setjmp(j) : _setjmp(j);
        if (r == 0) {
            block(SIGALRM);
            raise(SIGUSR1);
        }
        out("%d: %d mask %llx\n", how, r, (unsigned long long)my_mask());
    }
    return 0;
}
