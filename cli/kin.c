/* A new program begins with tracing off, whatever its process was traced before: nothing of ours is handed through exec. So
 * the process is looked into, again and again, until the library has begun there; ever more rarely, since it may not be
 * there at all. */
#include <cli/kin.h>

#include <cli/proc.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define LOOK_NS 10000000u    /* how often children are looked for, */
#define SHARE 20             /* but not for more than so much of the time */
#define MOST_NS 1000000000u  /* between two looks into a process */
#define YOUNG_NS 1000000000u /* so long a program may take to load its libraries */

struct sf_hope {
    struct sf_hope *next;
    pid_t pid;
    uint64_t started, since_ns, next_ns;
    uint64_t began_ns; /* of the program that has been attached, 0 none yet: it may become another one before it joins */
};

static struct sf_traced *traced(const struct sf_session *s, pid_t pid)
{
    struct sf_traced *t = s->first;

    while (t && (t->ring.outer != pid || t->over))
        t = t->next;
    return t;
}

void sf_kin_hope(struct sf_kin *k, pid_t pid)
{
    uint64_t now = sf_monotonic();
    struct sf_hope *h = k->first;
    struct sf_proc_stat st;

    while (h && h->pid != pid)
        h = h->next;
    if (h || pid <= 0 || sf_proc_stat(pid, &st) || !(h = calloc(1, sizeof *h)))
        return;
    *h = (struct sf_hope){ k->first, pid, st.started, now, now, 0 };
    k->first = h;
}

static void look_for_children(struct sf_kin *k, const struct sf_session *s, pid_t parent)
{
    char path[64];
    struct dirent *entry;
    DIR *d;
    FILE *f;
    int pid;

    snprintf(path, sizeof path, "/proc/%d/task", (int)parent);
    d = opendir(path);
    while (d && (entry = readdir(d))) {
        snprintf(path, sizeof path, "/proc/%d/task/%.16s/children", (int)parent, entry->d_name);
        f = entry->d_name[0] == '.' ? NULL : fopen(path, "re");
        while (f && fscanf(f, "%d", &pid) == 1)
            if (!traced(s, pid))
                sf_kin_hope(k, pid);
        if (f)
            fclose(f);
    }
    if (d)
        closedir(d);
}

/* 1: there is nothing more to be hoped for. */
static int settled(const struct sf_kin *k, struct sf_hope *h, struct sf_session *s, uint64_t now, void (*attach)(void *, struct sf_ring *), void *arg)
{
    struct sf_traced *t = traced(s, h->pid);
    struct sf_proc_stat st;
    struct sf_ring ring;

    if ((t && !t->execs) || sf_proc_stat(h->pid, &st) || st.ended || st.started != h->started)
        return 1;
    if (now < h->next_ns)
        return 0;
    h->next_ns = now + (now - h->since_ns < 4 * (uint64_t)MOST_NS ? (now - h->since_ns) / 4 : MOST_NS);
    /* No library, or not yet; memory that is the parent's still; one that is traced already, whose ring will be found (an
     * old one would not); or the program that is known already. */
    if (sf_ring_open_process(h->pid, &ring) || ring.status->pid != sf_ring_inner_pid(h->pid) ||
        (!t && ring.status->control.trace && !sf_ring_older(&ring, k->since_ns)) || ring.status->began_ns == h->began_ns ||
        (t && t->ring.status->began_ns == ring.status->began_ns)) {
        sf_ring_close(&ring);
        return 0;
    }
    h->began_ns = ring.status->began_ns;
    attach(arg, &ring);
    return 0; /* until it has joined */
}

void sf_kin_look(struct sf_kin *k, struct sf_session *s, void (*attach)(void *arg, struct sf_ring *ring), void *arg)
{
    uint64_t now = sf_monotonic();

    for (struct sf_traced *t = s->first; t; t = t->next)
        if (t->execs && !t->over)
            sf_kin_hope(k, t->ring.outer);
    if (now >= k->next_ns) {
        for (struct sf_traced *t = s->first; t; t = t->next)
            if (!t->over && t->ring.outer)
                look_for_children(k, s, t->ring.outer);
        k->next_ns = sf_monotonic();
        k->next_ns += (k->next_ns - now) * SHARE > LOOK_NS ? (k->next_ns - now) * SHARE : LOOK_NS;
    }
    for (struct sf_hope **at = &k->first, *h; (h = *at);) {
        if (settled(k, h, s, now, attach, arg)) {
            *at = h->next;
            free(h);
        } else {
            at = &h->next;
        }
    }
}

int sf_kin_hopeful(const struct sf_kin *k)
{
    const struct sf_hope *h = k->first;

    while (h && sf_monotonic() - h->since_ns > YOUNG_NS)
        h = h->next;
    return h != NULL;
}

void sf_kin_end(struct sf_kin *k)
{
    struct sf_hope *h;

    while ((h = k->first)) {
        k->first = h->next;
        free(h);
    }
}
