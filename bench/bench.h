/* What the measuring programs share. Each measures one thing and prints one number per line, in nanoseconds,
 * or a rate where its head says so; bench.py does the rest. */
#ifndef BENCH_H
#define BENCH_H

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static inline int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static inline void nap_us(long us)
{
    struct timespec t = { 0, us * 1000 };
    nanosleep(&t, NULL);
}

static inline void catch_signal(int signo, void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction sa;

    memset(&sa, 0, sizeof sa);
    sa.sa_sigaction = handler;
    sa.sa_flags = SA_SIGINFO | SA_RESTART;
    if (sigaction(signo, &sa, NULL) != 0)
        exit(2);
}

static inline long count_argument(int argc, char **argv, long standard)
{
    return argc > 1 ? atol(argv[1]) : standard;
}

#endif
