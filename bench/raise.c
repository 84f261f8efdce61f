/* raise() with a handler. */
#include "bench.h"

static volatile long handled;

static void on_signal(int signo, siginfo_t *info, void *context)
{
    handled++;
}

int main(int argc, char **argv)
{
    long n = count_argument(argc, argv, 200000);

    catch_signal(SIGUSR1, on_signal);
    int64_t begin = now_ns();
    for (long i = 0; i < n; i++)
        raise(SIGUSR1);
    printf("%.1f\n", (double)(now_ns() - begin) / n);
    return handled == n ? 0 : 1;
}
