/* fork, exec /bin/true, wait; a signal is caught. */
#include <sys/wait.h>

#include "bench.h"

static void on_signal(int signo, siginfo_t *info, void *context)
{
}

int main(int argc, char **argv)
{
    long n = count_argument(argc, argv, 1000);

    catch_signal(SIGCHLD, on_signal);
    int64_t begin = now_ns();
    for (long i = 0; i < n; i++) {
        int status = -1;
        pid_t pid = fork();
        if (pid == 0) {
            execl("/bin/true", "true", (char *)NULL);
            _exit(127);
        }
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
        if (status != 0)
            return 1;
    }
    printf("%.0f\n", (double)(now_ns() - begin) / n);
    return 0;
}
