#include <cli/seen.h>

#include <cli/ring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sf_seen_name {
    struct sf_seen_name *next;
    char name[64];
};

enum { LISTS = sizeof ((struct sf_seen *)0)->names / sizeof ((struct sf_seen *)0)->names[0] };

static struct sf_seen_name **list(struct sf_seen *s, const char *name)
{
    return &s->names[sf_ring_made_ns(name) / 1000 % LISTS];
}

int sf_seen_has(struct sf_seen *s, const char *name)
{
    const struct sf_seen_name *n = *list(s, name);

    while (n && strncmp(n->name, name, sizeof n->name - 1))
        n = n->next;
    return n != NULL;
}

void sf_seen_note(struct sf_seen *s, const char *name)
{
    struct sf_seen_name *new = calloc(1, sizeof *new);

    if (!new)
        return;
    snprintf(new->name, sizeof new->name, "%.63s", name);
    new->next = *list(s, name);
    *list(s, name) = new;
}

void sf_seen_end(struct sf_seen *s)
{
    struct sf_seen_name *n;

    for (int i = 0; i < LISTS; i++)
        while ((n = s->names[i])) {
            s->names[i] = n->next;
            free(n);
        }
}
