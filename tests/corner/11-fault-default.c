/* Case 11: a real fault while its signal is caught once (SA_RESETHAND), blocked, or ignored kills the process. */
#include "common.h"
#include <sys/resource.h>
static void handler(int sig) { out("caught "); }
int main(void)
{
    char b[40];
    for (int k = 0; k < 4; k++) {
        pid_t p = child();
        if (p == 0) {
            struct rlimit r = {0, 0};
            setrlimit(RLIMIT_CORE, &r);
            if (k == 0)
                on(SIGSEGV, handler, SA_RESETHAND);
            else if (k == 1)
                on(SIGSEGV, handler, 0), block(SIGSEGV);
            else if (k == 2)
                signal(SIGSEGV, SIG_IGN);
            else
                on(SIGUSR1, handler, 0), raise(SIGUSR1);
            *(volatile int *)16 = 1;
            _exit(0);
        }
        out("%s\n", ended(reap(p), b));
    }
    on(SIGSEGV, handler, 0);
    pid_t p = kill_when_asleep(SIGSEGV);
    pause();
    reap(p);
    raise(SIGSEGV);
    out("sent faults are handled\n");
    return 0;
}
