/* Starts what the arguments name by posix_spawn, prints its number, and waits for its end. SIGUSR1 is counted. */
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static volatile sig_atomic_t count;

static void on_usr1(int signo)
{
    count++;
}

int main(int argc, char **argv)
{
    struct sigaction act;
    int status = 0;
    pid_t pid;

    memset(&act, 0, sizeof act);
    act.sa_handler = on_usr1;
    act.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &act, NULL);
    if (posix_spawnp(&pid, argv[1], NULL, NULL, argv + 1, environ))
        return 1;
    printf("%d\n", (int)pid);
    fflush(stdout);
    return waitpid(pid, &status, 0) != pid || !count;
}
