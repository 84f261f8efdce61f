/* finds: exec-with-blocked signal=SIGTERM */
#include "common.h"
#include <spawn.h>

int main(void)
{
    char *argv[] = {"true", NULL};
    posix_spawnattr_t attr;
    sigset_t none;
    int status;
    pid_t child;
    mask_signal(SIG_BLOCK, SIGTERM);
    posix_spawnattr_init(&attr);
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attr, &none);
    if (IF_DEFECT(0, 1))
        posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
    if (posix_spawn(&child, "/bin/true", NULL, &attr, argv, environ))
        return 3;
    return waitpid(child, &status, 0) < 0 || status;
}
