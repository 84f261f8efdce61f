/* Case 9: double fork, setsid, close everything, then a life by signals: SIGHUP reloads, SIGTERM ends. */
#include "common.h"
static volatile sig_atomic_t hup, term;
static void on_hup(int s) { hup++; }
static void on_term(int s) { term++; }
static volatile struct { pid_t pid; int state, hups; } *sh;
int main(void)
{
    sh = shared(4096);
    on(SIGHUP, on_hup, SA_RESTART), on(SIGTERM, on_term, SA_RESTART);
    raise(SIGHUP);
    pid_t p = fork();
    if (p == 0) {
        setsid();
        signal(SIGHUP, SIG_IGN);
        if (fork())
            _exit(0);
        if (chdir("/"))
            _exit(9);
        for (int fd = sysconf(_SC_OPEN_MAX) > 4096 ? 4096 : (int)sysconf(_SC_OPEN_MAX); fd >= 0; fd--)
            close(fd);
        open("/dev/null", O_RDWR), dup(0), dup(0);
        hup = 0;
        on(SIGHUP, on_hup, SA_RESTART);
        sh->pid = getpid();
        sh->state = 1;
        while (!term) {
            pause();
            sh->hups = hup;
        }
        sh->state = 2;
        _exit(0);
    }
    reap(p);
    CHECK(AWAIT(sh->state == 1));
    for (int k = 1; k <= 5; k++) {
        CHECK(asleep(sh->pid, sh->pid)); /* or the pause() of the program itself loses the wake-up */
        kill(sh->pid, SIGHUP);
        CHECK(AWAIT(sh->hups == k));
    }
    CHECK(asleep(sh->pid, sh->pid));
    kill(sh->pid, SIGTERM);
    CHECK(AWAIT(sh->state == 2));
    CHECK(AWAIT(!strchr("RSD", state_of(sh->pid, sh->pid)) || !state_of(sh->pid, sh->pid)));
    out("hups %d, parent's own %d\n", sh->hups, (int)hup);
    return 0;
}
