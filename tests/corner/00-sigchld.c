/* Semantics: siginfo of SIGCHLD: exited, killed, dumped or not, stopped, continued; SA_NOCLDSTOP keeps the last two. */
#include "common.h"
static volatile int n;
static siginfo_t last;
static void handler(int sig, siginfo_t *si, void *u) { last = *si; n++; }
static void show(const char *who, pid_t from)
{
    out("%s: code %d status %d pid %s uid %d\n", who, last.si_code, last.si_status, last.si_pid == from ? "right" : "wrong", (int)last.si_uid);
    memset((void *)&last, 0, sizeof last);
}
int main(void)
{
    int st;
    for (int stops = 0; stops < 2; stops++) {
        on_info(SIGCHLD, handler, SA_RESTART | (stops ? 0 : SA_NOCLDSTOP));
        n = 0;
        pid_t p = fork();
        if (p == 0)
            _exit(42);
        CHECK(AWAIT(n == 1));
        show("exit", p);
        CHECK(waitpid(p, &st, 0) == p);
        p = fork();
        if (p == 0)
            for (;;)
                pause();
        kill(p, SIGSTOP);
        CHECK(waitpid(p, &st, WUNTRACED) == p);
        if (stops)
            CHECK(AWAIT(n == 2)), show("stopped", p);
        kill(p, SIGCONT);
        CHECK(waitpid(p, &st, WCONTINUED) == p);
        if (stops)
            CHECK(AWAIT(n == 3)), show("continued", p);
        kill(p, SIGKILL);
        CHECK(AWAIT(n == (stops ? 4 : 2)));
        show("killed", p);
        CHECK(waitpid(p, &st, 0) == p);
        out("handled %d\n", n);
    }
    return 0;
}
