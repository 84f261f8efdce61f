/* A loop of malloc, printf and free, and a signal that is caught a thousand times a second: what a program that is being
 * checked, or run by another tool, does most. */
#include <sys/time.h>

#include "bench.h"

#define KEPT 256

static volatile sig_atomic_t ticks;

static void on_signal(int signo, siginfo_t *info, void *context)
{
    ticks++;
}

int main(int argc, char **argv)
{
    static char *kept[KEPT];
    struct itimerval every = { { 0, 1000 }, { 0, 1000 } }, never = { { 0, 0 }, { 0, 0 } };
    long n = count_argument(argc, argv, 300000);
    FILE *out = fopen("/dev/null", "w");
    uint32_t seed = 1;

    if (!out)
        return 2;
    catch_signal(SIGALRM, on_signal);
    setitimer(ITIMER_REAL, &every, NULL);
    int64_t begin = now_ns();
    for (long i = 0; i < n; i++) {
        seed = seed * 1664525 + 1013904223;
        unsigned slot = seed >> 24;
        free(kept[slot]);
        kept[slot] = malloc((seed >> 8 & 1023) + 64);
        if (!kept[slot])
            return 2;
        snprintf(kept[slot], 64, "%ld of %ld: %s", i, n, "text");
        fprintf(out, "%s, slot %u\n", kept[slot], slot);
    }
    int64_t end = now_ns();
    setitimer(ITIMER_REAL, &never, NULL);
    printf("%.2f\n", (double)(end - begin) / n);
    return 0;
}
