/* Case 36: a vfork child sets SIG_DFL, SIG_IGN and unblocks before exec, as shells do; the parent's handlers and
 * masks stay. */
#include "common.h"
static volatile int n;
static void handler(int sig) { n++; }
int main(int argc, char **argv)
{
    STATUS_CHILD(argc, argv);
    char *me = self(), *args[] = {me, "--status", "vfork", NULL};
    on(SIGUSR1, handler, 0), on(SIGTERM, handler, SA_RESTART), on(SIGCHLD, SIG_DFL, 0);
    raise(SIGUSR1);
    block(SIGTERM), block(SIGUSR1);
    for (int k = 0; k < 3; k++) {
        pid_t p = vfork();
        if (p == 0) {
            sigset_t none;
            struct sigaction a;
            memset(&a, 0, sizeof a);
            a.sa_handler = k == 0 ? SIG_DFL : SIG_IGN;
            sigaction(SIGUSR1, &a, NULL);
            if (k == 2)
                signal(SIGTERM, SIG_IGN);
            sigemptyset(&none);
            sigprocmask(SIG_SETMASK, &none, NULL);
            execv(me, args);
            _exit(9);
        }
        CHECK(reap(p) == 0);
        struct sigaction a;
        sigaction(SIGUSR1, NULL, &a);
        out("parent: handler kept %d mask %llx\n", a.sa_handler == handler, (unsigned long long)my_mask());
        show_own("parent");
    }
    unblock(SIGUSR1), unblock(SIGTERM);
    raise(SIGUSR1), raise(SIGTERM);
    pid_t p = kill_when_asleep(SIGUSR1);
    pause();
    reap(p);
    out("handled %d\n", n);
    p = vfork();
    if (p == 0)
        _exit(7);
    out("exit %d\n", WEXITSTATUS(reap(p)));
    return 0;
}
