#include <cli/tally.h>

#include <base/text.h>
#include <cli/places.h>
#include <cli/session.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void name_fn(void *arg, uint64_t address, char *buf, size_t size);

static struct sf_tally *grow(struct sf_tallies *t)
{
    if (t->count == t->room) {
        size_t room = t->room ? 2 * t->room : 16;
        struct sf_tally *more = realloc(t->tally, room * sizeof *more);

        if (!more)
            return NULL;
        t->tally = more;
        t->room = room;
    }
    return memset(&t->tally[t->count++], 0, sizeof *t->tally);
}

static void read_comm(pid_t pid, char *to, size_t size)
{
    char path[64];
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
    f = fopen(path, "re");
    if (!f || !fgets(to, (int)size, f))
        snprintf(to, size, "?");
    if (f)
        fclose(f);
    to[strcspn(to, "\n")] = 0;
}

/* Terminals are to get no control characters. */
static void clean(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 32 || *text == 127)
            *text = '?';
}

/* All entries of one process. */
static int add(struct sf_tallies *to, const struct sf_ring *r, const char *comm, uint64_t until_ns, name_fn *name, void *arg)
{
    const struct sf_status *s = r->status;

    for (int i = 1; i < SF_STATS; i++) {
        const struct sf_stat *e = &s->stat[i];
        struct sf_tally *t;

        if (e->state != 2 || e->signo < 1 || e->signo > 64)
            continue;
        t = grow(to);
        if (!t)
            return -ENOMEM;
        t->pid = r->pid;
        snprintf(t->comm, sizeof t->comm, "%s", comm);
        clean(t->comm);
        t->began_ns = s->began_ns;
        t->signo = (int)e->signo;
        t->address = e->handler;
        if (e->handler)
            name(arg, e->handler, t->handler, sizeof t->handler);
        else
            snprintf(t->handler, sizeof t->handler, "(others)");
        clean(t->handler);
        t->count = e->wait.count;
        t->errno_changed = e->errno_changed;
        t->arrived = s->row[e->signo].arrived;
        memcpy(t->from, s->row[e->signo].from, sizeof t->from);
        t->seconds = until_ns > s->began_ns ? (double)(until_ns - s->began_ns) / 1e9 : 0;
        t->wait = e->wait;
        t->run = e->run;
    }
    return 0;
}

static void name_live(void *arg, uint64_t address, char *buf, size_t size)
{
    sf_guest_symbol(arg, address, buf, (unsigned)size);
}

int sf_tally_host(struct sf_tallies *to, struct sf_host *h)
{
    int err = 0;

    for (struct sf_guest *g = h->first; g && !err; g = g->next) {
        char comm[32];

        read_comm(g->ring.pid, comm, sizeof comm);
        err = add(to, &g->ring, comm, sf_monotonic(), name_live, g);
    }
    return err;
}

static void name_left(void *arg, uint64_t address, char *buf, size_t size)
{
    struct sf_place p;

    sf_place_find(arg, address, 0, &p);
    if (p.symbol && p.object)
        snprintf(buf, size, "%s (%s)", p.symbol, sf_text_basename(p.object));
    else if (p.object)
        snprintf(buf, size, "%s+0x%llx", sf_text_basename(p.object), (unsigned long long)p.offset);
    else
        snprintf(buf, size, "0x%llx", (unsigned long long)address);
    sf_place_free(&p);
}

/* Its last record tells when it ended, as good as anything. */
static uint64_t last_time(struct sf_ring *r)
{
    struct sf_record batch[256];
    uint64_t last = 0;
    long n;

    while ((n = sf_ring_read(r, batch, 256, sf_monotonic(), 0)) > 0)
        last = batch[n - 1].time_ns;
    return last;
}

int sf_tally_file(struct sf_tallies *to, struct sf_ring *r)
{
    struct sf_places *places = sf_places_open(r->status);
    int err = places ? add(to, r, r->status->comm, last_time(r), name_left, places) : -ENOMEM;

    sf_places_close(places);
    return err;
}

static const struct sf_tally *find(const struct sf_tallies *had, const struct sf_tally *t)
{
    for (size_t i = 0; had && i < had->count; i++) {
        const struct sf_tally *o = &had->tally[i];

        if (o->pid == t->pid && o->began_ns == t->began_ns && o->signo == t->signo && o->address == t->address)
            return o;
    }
    return NULL;
}

struct sf_tallies sf_tallies_since(const struct sf_tallies *now, const struct sf_tallies *had)
{
    struct sf_tallies new = { NULL, 0, 0 };

    for (size_t i = 0; i < now->count; i++) {
        const struct sf_tally *t = &now->tally[i], *o = find(had, t);
        struct sf_tally *d;

        if (o && o->count == t->count)
            continue;
        d = grow(&new);
        if (!d)
            break;
        *d = *t;
        if (!o)
            continue;
        d->count -= o->count;
        d->errno_changed -= o->errno_changed;
        d->arrived -= o->arrived;
        for (int c = 0; c < SF_FROM_END; c++)
            d->from[c] -= o->from[c];
        d->seconds -= o->seconds;
        sf_hist_subtract(&d->wait, &o->wait);
        sf_hist_subtract(&d->run, &o->run);
    }
    return new;
}

void sf_tallies_free(struct sf_tallies *t)
{
    free(t->tally);
    memset(t, 0, sizeof *t);
}
