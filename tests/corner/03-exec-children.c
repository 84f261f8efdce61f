/* Case 3: masks and ignored signals of children through fork+exec, vfork+exec, posix_spawn, system and popen. */
#include "common.h"
#include <spawn.h>
extern char **environ;
static void handler(int sig) {}
int main(int argc, char **argv)
{
    STATUS_CHILD(argc, argv);
    char *me = self(), cmd[600];
    char *args[] = {me, "--status", "fork", NULL};
    pid_t p;
    on(SIGUSR1, handler, 0);
    on(SIGTERM, handler, SA_RESTART);
    on(SIGRTMIN + 2, handler, 0);
    on(SIGINT, handler, 0);
    signal(SIGUSR2, SIG_IGN);
    for (int blocked = 0; blocked < 2; blocked++) {
        if (blocked)
            block(SIGTERM), block(SIGALRM), block(SIGRTMIN + 2);
        args[2] = "fork";
        show_own("self");
        if ((p = fork()) == 0) {
            show_own("forked");
            execv(me, args);
            _exit(9);
        }
        reap(p);
        args[2] = "vfork";
        if ((p = vfork()) == 0) {
            execv(me, args);
            _exit(9);
        }
        reap(p);
        args[2] = "spawn";
        CHECK(posix_spawn(&p, me, NULL, NULL, args, environ) == 0);
        reap(p);
        args[2] = "spawnp";
        CHECK(posix_spawnp(&p, me, NULL, NULL, args, environ) == 0);
        reap(p);
        snprintf(cmd, sizeof cmd, "%s --status system", me);
        CHECK(system(cmd) == 0);
        snprintf(cmd, sizeof cmd, "%s --status popen", me);
        FILE *f = popen(cmd, "r");
        char line[200] = "";
        CHECK(f && fgets(line, sizeof line, f));
        out("%s", line);
        CHECK(pclose(f) == 0);
        show_own("self after");
    }
    return 0;
}
