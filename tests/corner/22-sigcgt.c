/* Case 22: SigCgt, SigIgn of /proc as the program set them, at every step; what kill --require-handler reads. */
#include "common.h"
static void handler(int sig) {}
int main(void)
{
    show_own("start");
    on(SIGHUP, handler, 0), on(SIGTERM, handler, SA_RESTART), on(SIGRTMIN + 10, handler, 0), on(SIGSEGV, handler, 0);
    show_own("caught");
    signal(SIGHUP, SIG_IGN), signal(SIGTERM, SIG_DFL);
    show_own("some back");
    on(SIGUSR1, handler, SA_RESETHAND);
    raise(SIGUSR1);
    show_own("reset");
    char cmd[200];
    on(SIGUSR2, handler, 0);
    snprintf(cmd, sizeof cmd, "grep SigCgt /proc/%d/status | tr -d '[:space:]' | tail -c 8", getpid());
    FILE *f = popen(cmd, "r");
    char line[64] = "";
    CHECK(f && fgets(line, sizeof line, f));
    pclose(f);
    out("from outside %llx\n", strtoull(line, NULL, 16) & 0xfffull);
    return 0;
}
