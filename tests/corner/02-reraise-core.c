/* Case 2: the core flag of the wait status after SIG_DFL and re-raise of SIGQUIT and SIGABRT. */
#include "common.h"
#include <sys/resource.h>
static void handler(int sig) { signal(sig, SIG_DFL); raise(sig); }
int main(void)
{
    static const int sigs[] = {SIGQUIT, SIGABRT, SIGTERM, SIGSEGV};
    int dir = open(".", O_RDONLY);
    for (int i = 0; i < 8; i++) {
        pid_t p = child();
        if (p == 0) {
            struct rlimit r = {0, 0};
            setrlimit(RLIMIT_CORE, &r);
            on(sigs[i % 4], handler, 0);
            if (i < 4)
                raise(sigs[i]);
            for (;;)
                pause();
        }
        if (i >= 4) {
            asleep(p, p);
            kill(p, sigs[i % 4]);
        }
        int st = reap(p);
        out("signal %d core %d\n", WIFSIGNALED(st) ? WTERMSIG(st) : -1, !!WCOREDUMP(st));
    }
    close(dir);
    return 0;
}
