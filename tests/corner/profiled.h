/* A loop that allocates under ITIMER_PROF at 1 kHz, until the program's handler of SIGPROF has counted enough ticks. */
#ifndef CORNER_PROFILED_H
#define CORNER_PROFILED_H

#include "common.h"

static volatile int ticks;

static void profiled(void (*handler)(int), int wanted)
{
    struct itimerval it = {{0, 1000}, {0, 1000}}, off = {{0, 0}, {0, 0}};
    void *p[64] = {0};
    on(SIGPROF, handler, SA_RESTART);
    setitimer(ITIMER_PROF, &it, NULL);
    int64_t end = now_ms() + DEADLINE_MS;
    for (unsigned k = 0; ticks < wanted && (k % 4096 || now_ms() < end); k++) {
        free(p[k % 64]);
        p[k % 64] = malloc(16 + k % 2000);
    }
    setitimer(ITIMER_PROF, &off, NULL);
    out("ticks %d\n", ticks >= wanted);
}

#endif
