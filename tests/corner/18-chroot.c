/* Case 18: chroot into an empty directory (no /proc, no libraries) before the first handler and after. */
/* needs: root */
#include "common.h"
static volatile sig_atomic_t n;
static void handler(int sig) { n++; }
int main(void)
{
    char b[40];
    for (int late = 0; late < 2; late++) {
        pid_t p = child();
        if (p == 0) {
            char dir[] = "empty-XXXXXX";
            pid_t me = getpid();
            if (late)
                on(SIGTERM, handler, 0), raise(SIGTERM);
            CHECK(mkdtemp(dir) && chroot(dir) == 0 && chdir("/") == 0);
            if (!late)
                on(SIGTERM, handler, 0);
            pid_t q = child();
            if (q == 0)
                _exit(kill(me, SIGTERM));
            CHECK(reap(q) == 0);
            CHECK(AWAIT(n == 1 + late));
            out("handled %d\n", (int)n);
            _exit(0);
        }
        out("%s\n", ended(reap(p), b));
    }
    return 0;
}
