/* Case 3: exec of the process itself, after signals were caught, blocked and left pending: execv, execve, execvp,
 * execl, execlp, execle, fexecve, execvpe; a failed exec changes nothing. */
#include "common.h"
extern char **environ;
static volatile sig_atomic_t n;
static void handler(int sig) { n++; }
int main(int argc, char **argv)
{
    if (argc > 1) {
        show_status(argv[1]);
        out("%s: pending %llx\n", argv[1], (unsigned long long)my_pending());
        return 0;
    }
    char *me = self();
    for (int i = 0; i < 8; i++) {
        pid_t p = child();
        if (p == 0) {
            char name[16] = "by 0", *args[] = {me, name, NULL};
            name[3] += (char)i;
            on(SIGUSR1, handler, 0), on(SIGTERM, handler, 0), on(SIGRTMIN + 1, handler, 0);
            signal(SIGUSR2, SIG_IGN);
            block(SIGUSR1), block(SIGRTMIN + 1), block(SIGQUIT);
            kill(getpid(), SIGUSR1), raise(SIGRTMIN + 1);
            execv("/nonexistent", args);
            out("failed exec %s mask %llx handled %d\n", strerrorname_np(errno), (unsigned long long)my_mask(), (int)n);
            switch (i) {
            case 0: execv(me, args); break;
            case 1: execve(me, args, environ); break;
            case 2: execvp(me, args); break;
            case 3: execl(me, me, name, (char *)NULL); break;
            case 4: execlp(me, me, name, (char *)NULL); break;
            case 5: execle(me, me, name, (char *)NULL, environ); break;
            case 6: fexecve(open(me, O_RDONLY | O_CLOEXEC), args, environ); break;
            case 7: execvpe(me, args, environ); break;
            }
            _exit(9);
        }
        CHECK(reap(p) == 0);
    }
    return 0;
}
