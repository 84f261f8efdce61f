/* A loop of little but malloc and free, of the sizes that programs ask for; a signal is caught. */
#include "bench.h"

#define KEPT 256

static void on_signal(int signo, siginfo_t *info, void *context)
{
}

int main(int argc, char **argv)
{
    static void *kept[KEPT];
    long n = count_argument(argc, argv, 3000000);
    uint32_t seed = 1;

    catch_signal(SIGUSR1, on_signal);
    int64_t begin = now_ns();
    for (long i = 0; i < n; i++) {
        seed = seed * 1664525 + 1013904223;
        unsigned slot = seed >> 24;
        size_t size = seed >> 8 & 1023;
        free(kept[slot]);
        char *p = malloc(size + 16);
        if (!p)
            return 2;
        memset(p, 1, 16 + size / 4); /* who allocates also writes */
        kept[slot] = p;
    }
    printf("%.2f\n", (double)(now_ns() - begin) / n);
    return 0;
}
