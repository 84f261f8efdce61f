/* Case 18: RLIMIT_NPROC leaves no room for another thread: the program goes on as natively. */
/* needs: root */
#include "common.h"
#include <grp.h>
#include <sys/resource.h>
static volatile sig_atomic_t n;
static void handler(int sig) { n++; }
static void *body(void *a) { return NULL; }
int main(void)
{
    struct rlimit r = {1, 1};
    pthread_t t;
    char b[40];
    int st = -1;
    volatile int *ready = shared(4096);
    pid_t p = child();
    if (p == 0) {
        CHECK(setresgid(54321, 54321, 54321) == 0 && setresuid(54321, 54321, 54321) == 0);
        CHECK(setrlimit(RLIMIT_NPROC, &r) == 0);
        on(SIGUSR1, handler, 0);
        out("thread %s\n", strerrorname_np(pthread_create(&t, NULL, body, NULL)));
        *ready = 1;
        while (n < 3)
            usleep(1000);
        int had = n; /* another one may have come by now */
        raise(SIGUSR1);
        out("handled %d\n", n > had);
        _exit(0);
    }
    CHECK(AWAIT(*ready));
    while (kill(p, SIGUSR1) == 0 && waitpid(p, &st, WNOHANG) == 0)
        usleep(3000);
    out("done %s\n", ended(st, b));
    return 0;
}
