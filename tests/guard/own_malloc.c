/* A program with an allocator of its own, on top of the next one, as profilers do it. */
#include "tests/guard/probe.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned long calls;
static void *(*next_malloc)(size_t);

void *malloc(size_t n)
{
    calls++;
    if (!next_malloc)
        next_malloc = dlsym(RTLD_NEXT, "malloc");
    return next_malloc(n);
}

extern char early_text[];

int main(void)
{
    char *s = strdup("text");
    FILE *f = fopen("/dev/null", "r");
    fclose(f);
    int good = calls >= 2 && !strcmp(s, "text") && !sigferry_guard->inside && !strcmp(early_text, "70");
    free(s);
    puts(good ? "ok" : "wrong");
    return !good;
}
