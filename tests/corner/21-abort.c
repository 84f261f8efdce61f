/* Case 21: abort with SIGABRT default, caught, caught and jumped out of, ignored, blocked, reset in the handler. */
/* not: helper-concurrent */
#include "common.h"
#include <sys/resource.h>
static sigjmp_buf env;
static void caught(int sig) { out("caught "); }
static void jumps(int sig) { out("jumps "); siglongjmp(env, 1); }
static void resets(int sig) { out("resets "); signal(SIGABRT, SIG_DFL); raise(SIGABRT); }
static void again(int sig) { out("again "); signal(SIGABRT, caught); abort(); }
int main(void)
{
    char b[40];
    for (int k = 0; k < 8; k++) {
        pid_t p = child();
        if (p == 0) {
            struct rlimit r = {0, 0};
            setrlimit(RLIMIT_CORE, &r);
            switch (k) {
            case 1: on(SIGABRT, caught, 0); break;
            case 2: on(SIGABRT, jumps, 0); break;
            case 3: signal(SIGABRT, SIG_IGN); break;
            case 4: block(SIGABRT); break;
            case 5: on(SIGABRT, caught, 0); block(SIGABRT); break;
            case 6: on(SIGABRT, resets, 0); break;
            case 7: on(SIGABRT, again, SA_NODEFER); break;
            }
            if (sigsetjmp(env, 1) == 0)
                abort();
            out("jumped out, mask %llx ", (unsigned long long)my_mask());
            _exit(3);
        }
        out("%d: %s\n", k, ended(reap(p), b));
    }
    return 0;
}
