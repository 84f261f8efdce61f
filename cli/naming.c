/* The table of modules grows while the process runs: when an address is in none of those that we know, it is read anew,
 * though not at every address that is in none at all (code made at run time). */
#include <cli/naming.h>

#include <base/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AGAIN_NS 100000000u
enum { NAMES = 256 };

struct name {
    struct sf_place place;
    int caller;
    char text[224]; /* "" not made yet */
};

struct sf_names {
    struct name name[NAMES];
};

static unsigned count_modules(const struct sf_status *s)
{
    unsigned n = 0;

    while (n < SF_MODULES && s->module[n].begin)
        n++;
    return n;
}

/* What a process has mapped of which nothing stands in its table: it was not traced when it began. */
static void add_live(struct sf_ring *r)
{
    unsigned have = 0;
    char path[64], name[512], *line = NULL;
    unsigned long long begin, end, offset;
    size_t size = 0;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/maps", (int)r->outer);
    f = r->outer ? fopen(path, "re") : NULL;
    while (f && have < SF_MODULES && getline(&line, &size, f) > 0) {
        struct sf_module *last = have ? &r->status->module[have - 1] : NULL;

        if (sscanf(line, "%llx-%llx r%*s %llx %*s %*s %511[^\n]", &begin, &end, &offset, name) != 4 || name[0] != '/')
            continue;
        if (last && offset && !strcmp(last->path, name)) {
            last->end = end;
        } else if (!offset && strlen(name) < sizeof last->path) {
            last = &r->status->module[have++];
            memset(last, 0, sizeof *last);
            last->begin = begin;
            last->end = end;
            strcpy(last->path, name);
        }
    }
    free(line);
    if (f)
        fclose(f);
}

/* Is there anything new to look into? */
static int renew(struct sf_traced *t)
{
    uint64_t now = sf_monotonic();
    unsigned n;

    if (t->places_at_ns && now - t->places_at_ns < AGAIN_NS)
        return 0;
    t->places_at_ns = now;
    if (sf_ring_modules(&t->ring))
        return 0;
    n = count_modules(t->ring.status);
    if (!n) {
        add_live(&t->ring);
        n = count_modules(t->ring.status);
    }
    if (n == t->modules)
        return 0;
    if (t->places)
        sf_places_close(t->places);
    t->places = sf_places_open(t->ring.status);
    t->modules = n;
    return t->places != NULL;
}

void sf_naming_begin(struct sf_traced *t)
{
    renew(t);
}

static struct name *find(struct sf_traced *t, uint64_t address, int caller)
{
    struct name *n;

    if (!t->names)
        t->names = calloc(1, sizeof *t->names);
    if (!t->names) {
        static struct name none;
        none.place.pc = address;
        none.text[0] = 0;
        return &none;
    }
    n = &t->names->name[(address * 2 + (caller != 0)) * 0x9e3779b97f4a7c15u >> 56];
    if (n->place.pc == address && n->place.object && n->caller == caller)
        return n;
    sf_place_free(&n->place);
    n->text[0] = 0;
    n->place.pc = address;
    n->caller = caller;
    if (address <= 1)
        return n;
    if (t->places || renew(t))
        sf_place_find(t->places, address, caller, &n->place);
    if (!n->place.object && renew(t)) {
        sf_place_free(&n->place);
        sf_place_find(t->places, address, caller, &n->place);
    }
    return n;
}

const struct sf_place *sf_naming_find(struct sf_traced *t, uint64_t address, int caller)
{
    return &find(t, address, caller != 0)->place;
}

const char *sf_naming_text(struct sf_traced *t, uint64_t address, int caller)
{
    struct name *n;
    const struct sf_place *p;
    const char *object;

    if (address <= 1)
        return address ? "ignored" : "default";
    n = find(t, address, caller != 0);
    if (n->text[0])
        return n->text;
    p = &n->place;
    object = p->object ? sf_text_basename(p->object) : NULL;
    if (!object)
        snprintf(n->text, sizeof n->text, "0x%llx", (unsigned long long)address);
    else if (!p->symbol)
        snprintf(n->text, sizeof n->text, "%.64s+0x%llx", object, (unsigned long long)p->offset);
    else if (caller && p->file && p->line)
        snprintf(n->text, sizeof n->text, "%.96s (%.64s:%d)", p->symbol, sf_text_basename(p->file), p->line);
    else if (p->offset && !caller)
        snprintf(n->text, sizeof n->text, "%.96s+0x%llx (%.64s)", p->symbol, (unsigned long long)p->offset, object);
    else
        snprintf(n->text, sizeof n->text, "%.96s (%.64s)", p->symbol, object);
    return n->text;
}

void sf_naming_end(struct sf_traced *t)
{
    for (int i = 0; t->names && i < NAMES; i++)
        sf_place_free(&t->names->name[i].place);
    free(t->names);
    t->names = NULL;
    if (t->places)
        sf_places_close(t->places);
    t->places = NULL;
}
