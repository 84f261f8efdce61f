/* Case 2: after SIG_DFL a signal whose default is to be ignored does nothing; SIGSTOP's kin stops. */
#include "common.h"
static volatile sig_atomic_t n;
static void handler(int sig) { n++; }
int main(void)
{
    on(SIGCHLD, handler, 0);
    on(SIGWINCH, handler, 0);
    on(SIGTSTP, handler, 0);
    raise(SIGCHLD), raise(SIGWINCH), raise(SIGTSTP);
    signal(SIGCHLD, SIG_DFL), signal(SIGWINCH, SIG_DFL), signal(SIGURG, SIG_IGN);
    raise(SIGCHLD), raise(SIGWINCH), raise(SIGURG);
    out("handled %d\n", (int)n);
    volatile int *ready = shared(4096);
    pid_t p = child();
    if (p == 0) {
        /* a group of its own that is not orphaned, or the default stop would not happen */
        setpgid(0, 0);
        signal(SIGTSTP, SIG_DFL);
        *ready = 1;
        raise(SIGTSTP);
        out("continued\n");
        _exit(3);
    }
    int st;
    CHECK(AWAIT(*ready));
    CHECK(waitpid(p, &st, WUNTRACED) == p);
    out("stopped %d by %d\n", WIFSTOPPED(st), WIFSTOPPED(st) ? WSTOPSIG(st) : 0);
    kill(p, SIGCONT);
    char b[40];
    out("%s\n", ended(reap(p), b));
    return 0;
}
