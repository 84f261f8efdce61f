/* COUNT children, one after the other, of which each handles one signal and ends. Their numbers, one on each line. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(int s)
{
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 1, status;
    struct sigaction a = {.sa_handler = handler};

    sigaction(SIGUSR1, &a, NULL);
    for (int i = 0; i < count; i++) {
        pid_t pid = fork();
        if (!pid) {
            raise(SIGUSR1);
            _exit(0);
        }
        if (waitpid(pid, &status, 0) != pid || status)
            return 1;
        printf("%d\n", pid);
    }
    return 0;
}
