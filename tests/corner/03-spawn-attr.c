/* Case 3: posix_spawn with attributes: SETSIGMASK, SETSIGDEF, both, process group; with a file action. */
#include "common.h"
#include <spawn.h>
extern char **environ;
static void handler(int sig) {}
int main(int argc, char **argv)
{
    STATUS_CHILD(argc, argv);
    char *args[] = {self(), "--status", "spawn", NULL};
    static const short flags[] = {0, POSIX_SPAWN_SETSIGMASK, POSIX_SPAWN_SETSIGDEF,
                                  POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF, POSIX_SPAWN_SETPGROUP};
    posix_spawnattr_t a;
    posix_spawn_file_actions_t fa;
    on(SIGUSR1, handler, 0);
    on(SIGCHLD, handler, SA_RESTART);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    block(SIGUSR1), block(SIGALRM);
    for (unsigned i = 0; i < 5; i++) {
        sigset_t m = set_of(SIGUSR2, SIGTERM, 0), d = set_of(SIGPIPE, SIGUSR1, 0), back;
        short f;
        pid_t p;
        posix_spawnattr_init(&a);
        posix_spawnattr_setflags(&a, flags[i]);
        posix_spawnattr_setsigmask(&a, &m);
        posix_spawnattr_setsigdefault(&a, &d);
        posix_spawnattr_setpgroup(&a, 0);
        posix_spawn_file_actions_init(&fa);
        posix_spawn_file_actions_addopen(&fa, 9, "/dev/null", O_RDONLY, 0);
        CHECK(posix_spawn(&p, args[0], &fa, &a, args, environ) == 0);
        CHECK(reap(p) == 0);
        posix_spawnattr_getsigmask(&a, &back);
        posix_spawnattr_getflags(&a, &f);
        out("attr %d mask %llx\n", f, (unsigned long long)bits(&back));
        posix_spawn_file_actions_destroy(&fa);
        posix_spawnattr_destroy(&a);
    }
    pid_t p;
    args[0] = "/nonexistent/program";
    int r = posix_spawn(&p, args[0], NULL, NULL, args, environ);
    out("missing program: %s, mask %llx\n", strerrorname_np(r), (unsigned long long)my_mask());
    return 0;
}
