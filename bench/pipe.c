/* pipe COUNT [caught]: write a byte into a pipe and read it back, with or without a caught signal. */
#include "bench.h"

static void on_signal(int signo, siginfo_t *info, void *context)
{
}

int main(int argc, char **argv)
{
    long n = count_argument(argc, argv, 300000);
    int fd[2];
    char c = 'x';

    if (pipe(fd) != 0)
        return 2;
    if (argc > 2)
        catch_signal(SIGUSR1, on_signal);
    int64_t begin = now_ns();
    for (long i = 0; i < n; i++)
        if (write(fd[1], &c, 1) != 1 || read(fd[0], &c, 1) != 1)
            return 1;
    printf("%.1f\n", (double)(now_ns() - begin) / n);
    return 0;
}
