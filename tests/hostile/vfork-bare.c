/* A vfork child changes dispositions and masks and execs: no allocation in there, and no lock that another thread of
 * the parent may hold; the parent's own settings stay. */
/* limit: 30 */
#include "../corner/common.h"
#include <dlfcn.h>
#include <sched.h>
static volatile int in_child, allocations, stop;
static void *(*real_malloc)(size_t);
void *malloc(size_t n)
{
    if (!real_malloc)
        real_malloc = dlsym(RTLD_NEXT, "malloc");
    if (in_child && in_child == (int)syscall(SYS_gettid))
        allocations++;
    return real_malloc(n);
}
static void handler(int sig) {}
static void *churn(void *arg) /* holds whatever lock there is, most of the time */
{
    while (!stop) {
        signal(SIGUSR2, handler);
        signal(SIGUSR2, SIG_DFL);
    }
    return NULL;
}
static int clone_child(void *arg)
{
    in_child = (int)syscall(SYS_gettid);
    signal(SIGUSR1, SIG_IGN);
    unblock(SIGTERM);
    execl("/bin/true", "true", NULL);
    _exit(9);
}
int main(void)
{
    pthread_t t;
    int bad = 0;
    static char stack[65536] __attribute__((aligned(16)));
    on(SIGUSR1, handler, 0), on(SIGTERM, handler, SA_RESTART);
    block(SIGTERM);
    raise(SIGUSR1);
    pthread_create(&t, NULL, churn, NULL);
    for (int n = 0; n < 120; n++) {
        struct sigaction a;
        pid_t pid;
        if (n % 3 == 2) {
            pid = clone(clone_child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
        } else if ((pid = vfork()) == 0) {
            in_child = (int)syscall(SYS_gettid);
            signal(SIGUSR1, n % 2 ? SIG_IGN : SIG_DFL);
            on(SIGHUP, handler, SA_RESTART);
            unblock(SIGTERM);
            if (n % 2)
                execl("/nowhere/x", "x", NULL);
            execlp("true", "true", NULL);
            _exit(9);
        }
        in_child = 0;
        bad += reap(pid) != 0;
        CHECK(sigaction(SIGUSR1, NULL, &a) == 0 && a.sa_handler == handler);
        CHECK(sigaction(SIGHUP, NULL, &a) == 0 && a.sa_handler == SIG_DFL);
        CHECK(my_mask() == 1u << (SIGTERM - 1));
    }
    stop = 1;
    pthread_join(t, NULL);
    out("bad %d allocations %d\n", bad, allocations);
    return 0;
}
