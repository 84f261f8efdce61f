/* Writes a record of its own as the library does, and has no processor for MS before it is finished: a copy of the last one
 * (the end of its handler). */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace/format.h"

static void handler(int s)
{
    (void)s;
}

/* The head of the record, where the library has mapped it. */
static struct sf_status *head(void)
{
    unsigned long from, offset, found = 0;
    char line[512];
    FILE *f = fopen("/proc/self/maps", "r");

    while (f && !found && fgets(line, sizeof line, f))
        if (strstr(line, ".ring") && sscanf(line, "%lx-%*x %*s %lx", &from, &offset) == 2 && offset == 0)
            found = from;
    if (f)
        fclose(f);
    return (struct sf_status *)found;
}

int main(int argc, char **argv)
{
    int ms = argc > 1 ? atoi(argv[1]) : 0;
    struct sf_status *s;
    struct sf_record *ring, *r;
    uint64_t n;

    signal(SIGUSR1, handler);
    raise(SIGUSR1);
    s = head();
    if (!s)
        return 1;
    ring = (struct sf_record *)(uintptr_t)s->ring;
    n = __atomic_fetch_add(&s->next, 1, __ATOMIC_RELAXED);
    r = &ring[n % s->records];
    __atomic_store_n(&r->seq, 2 * n + 1, __ATOMIC_RELEASE);
    memcpy((char *)r + sizeof r->seq, (char *)&ring[(n - 1) % s->records] + sizeof r->seq, sizeof *r - sizeof r->seq);
    usleep((unsigned)ms * 1000);
    __atomic_store_n(&r->seq, 2 * n + 2, __ATOMIC_RELEASE);
    return 0;
}
