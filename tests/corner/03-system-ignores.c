/* Case 3: system() ignores SIGINT and SIGQUIT in the caller and blocks SIGCHLD meanwhile; all is as before
 * afterwards, and the handlers are still there. */
#include "common.h"
static volatile sig_atomic_t ints, chlds;
static void on_int(int sig) { ints++; }
static void on_chld(int sig) { chlds++; }
int main(void)
{
    struct sigaction a;
    char cmd[100];
    on(SIGINT, on_int, SA_RESTART);
    on(SIGQUIT, on_int, 0);
    on(SIGCHLD, on_chld, SA_RESTART);
    snprintf(cmd, sizeof cmd, "kill -INT %d; kill -QUIT %d; exit 5", getpid(), getpid());
    int st = system(cmd);
    out("system exit %d ints %d chlds %d\n", WEXITSTATUS(st), (int)ints, (int)chlds);
    sigaction(SIGINT, NULL, &a);
    out("handler kept %d\n", a.sa_handler == on_int && a.sa_flags & SA_RESTART);
    raise(SIGINT), raise(SIGQUIT);
    out("ints %d mask %llx\n", (int)ints, (unsigned long long)my_mask());
    st = system("kill -TERM $$");
    out("killed by %d\n", WIFSIGNALED(st) ? WTERMSIG(st) : 0);
    show_own("after");
    out("shell there %d\n", system(NULL) != 0);
    return 0;
}
