#include <cli/host.h>

#include <base/text.h>
#include <cli/cli.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct sf_guest **find(struct sf_host *h, pid_t pid)
{
    struct sf_guest **g = &h->first;

    while (*g && (*g)->ring.pid < pid)
        g = &(*g)->next;
    return g;
}

static void forget(struct sf_host *h, struct sf_guest **at)
{
    struct sf_guest *g = *at;

    *at = g->next;
    if (h->leaves)
        h->leaves(h->arg, g);
    sf_symbols_close(g->symbols);
    sf_ring_close(&g->ring);
    free(g);
}

/* Still the same program? Its numbers are read anew; those of another one that has taken its place are not its own. */
static int same(struct sf_guest *g)
{
    struct sf_ring now;
    int same_one;

    if (sf_ring_open_process(g->ring.pid, &now)) {
        sf_ring_close(&now);
        return 0;
    }
    same_one = now.status->pid == g->ring.status->pid && now.status->began_ns == g->ring.status->began_ns &&
               now.address == g->ring.address;
    sf_ring_close(&now);
    return same_one && !sf_ring_whole(&g->ring);
}

static void look_at(struct sf_host *h, pid_t pid)
{
    struct sf_guest **at = find(h, pid), *g;
    struct sf_ring ring;
    int err;

    if (*at && (*at)->ring.pid == pid) {
        if (same(*at)) {
            (*at)->present = 1;
            return;
        }
        forget(h, at);
    }
    err = sf_ring_open_process(pid, &ring);
    if (!err)
        err = sf_ring_whole(&ring);
    h->refused += err == -EPERM || err == -EPROTO;
    g = err ? NULL : calloc(1, sizeof *g);
    if (!g) {
        sf_ring_close(&ring);
        return;
    }
    g->ring = ring;
    g->present = 1;
    g->next = *at;
    *at = g;
}

static void look_at_all(struct sf_host *h)
{
    struct dirent *entry;
    DIR *d = opendir("/proc");

    while (d && (entry = readdir(d)))
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
            look_at(h, (pid_t)atoi(entry->d_name));
    if (d)
        closedir(d);
}

size_t sf_host_look(struct sf_host *h)
{
    size_t count = 0;

    h->refused = 0;
    for (struct sf_guest *g = h->first; g; g = g->next)
        g->present = 0;
    for (size_t i = 0; i < h->only_count; i++)
        look_at(h, h->only[i]);
    if (!h->only)
        look_at_all(h);
    for (struct sf_guest **at = &h->first; *at;) {
        if (!(*at)->present) {
            forget(h, at);
            continue;
        }
        count++;
        at = &(*at)->next;
    }
    return count;
}

void sf_host_end(struct sf_host *h)
{
    h->leaves = NULL;
    while (h->first)
        forget(h, &h->first);
}

const char *sf_guest_symbol(struct sf_guest *g, uint64_t address, char *buf, unsigned size)
{
    if (address <= 1) {
        snprintf(buf, size, "%s", address ? "ignored" : "default");
        return buf;
    }
    if (!g->tried)
        g->symbols = sf_symbols_open(g->ring.pid);
    g->tried = 1;
    return sf_symbol(g->symbols, address, buf, size);
}

int sf_host_parse(const char *command, const char *given, pid_t *list, size_t *count, size_t max)
{
    char text[16];

    for (const char *at = given;; at++) {
        size_t n = strcspn(at, ",");
        uint64_t pid;

        snprintf(text, sizeof text, "%.*s", (int)(n < sizeof text ? n : sizeof text - 1), at);
        if (n >= sizeof text || sf_parse_number(text, INT_MAX, &pid) || !pid)
            return sf_fail(SF_EXIT_FAILED, "%s: %s is no process id", command, given);
        if (*count == max)
            return sf_fail(SF_EXIT_FAILED, "%s: more than %zu processes; name them in parts", command, max);
        list[(*count)++] = (pid_t)pid;
        at += n;
        if (!*at)
            return 0;
    }
}
