/* What a record costs: a handler called by raise(), which makes four of them (send, arrive, begin, end), with the trace on and
 * off. Prints nanoseconds per raise. */
#include "bench.h"

static volatile long handled;

static void on_signal(int signo, siginfo_t *info, void *context)
{
    handled++;
}

int main(int argc, char **argv)
{
    long n = count_argument(argc, argv, 200000);
    int64_t begin;

    catch_signal(SIGUSR1, on_signal);
    for (long i = 0; i < 70000; i++)
        raise(SIGUSR1); /* the ring's pages are there afterwards */
    begin = now_ns();
    for (long i = 0; i < n; i++)
        raise(SIGUSR1);
    printf("%.1f\n", (double)(now_ns() - begin) / (double)n);
    return handled == n + 70000 ? 0 : 1;
}
