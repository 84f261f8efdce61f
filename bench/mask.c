/* sigprocmask: block and unblock a caught signal. */
#include "bench.h"

static void on_signal(int signo, siginfo_t *info, void *context)
{
}

int main(int argc, char **argv)
{
    long n = count_argument(argc, argv, 300000);
    sigset_t set;

    catch_signal(SIGUSR1, on_signal);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    int64_t begin = now_ns();
    for (long i = 0; i < n; i++) {
        sigprocmask(SIG_BLOCK, &set, NULL);
        sigprocmask(SIG_UNBLOCK, &set, NULL);
    }
    printf("%.1f\n", (double)(now_ns() - begin) / n);
    return 0;
}
