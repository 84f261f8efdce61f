/* Raises SIGUSR1 COUNT times, also once in a forked child, then kills itself. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int n;

static void handler(int s)
{
    n++;
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 1;
    struct sigaction a = {.sa_handler = handler};

    sigaction(SIGUSR1, &a, NULL);
    for (int i = 0; i < count; i++)
        raise(SIGUSR1);
    if (fork() == 0) {
        raise(SIGUSR1);
        _exit(n != count + 1);
    }
    wait(NULL);
    printf("%d\n", n);
    fflush(stdout);
    kill(getpid(), SIGKILL);
}
