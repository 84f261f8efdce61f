/* Each ring is nearly in order by itself; together they are put in order by a heap, from which a record is taken when
 * it is old enough that no earlier one can still turn up. */
#include <cli/session.h>

#include <cli/naming.h>
#include <cli/proc.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_NS 100000000u /* for a record that is being written */
#define LOOK_NS 100000000u     /* how often each process is looked at */
enum { BATCH = 1024, MOST_WAITING = 1 << 20 };

struct sf_waiting {
    uint64_t time_ns, order;
    struct sf_traced *process;
    struct sf_record record;
};

uint64_t sf_monotonic(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int64_t realtime_offset(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec - (int64_t)sf_monotonic();
}

void sf_session_begin(struct sf_session *s, sf_take *take, void *arg)
{
    memset(s, 0, sizeof *s);
    s->take = take;
    s->arg = arg;
}

struct sf_traced *sf_session_find(struct sf_session *s, dev_t device, ino_t inode)
{
    for (struct sf_traced *t = s->first; t; t = t->next)
        if (t->ring.fd >= 0 && t->ring.device == device && t->ring.inode == inode)
            return t;
    return NULL;
}

int sf_session_add(struct sf_session *s, struct sf_ring *ring, struct sf_traced **added)
{
    struct sf_traced *t = calloc(1, sizeof *t), **end = &s->first;
    struct sf_proc_stat st;

    if (!t)
        return -ENOMEM;
    t->ring = *ring;
    ring->fd = -1;
    ring->status = NULL;
    t->realtime_ns = t->ring.status->realtime_ns ? t->ring.status->realtime_ns : realtime_offset();
    t->serial = s->count++;
    sf_ring_locate(&t->ring);
    if (!sf_proc_stat(t->ring.outer, &st))
        t->started = st.started;
    t->over = t->ring.fd >= 0 && sf_ring_over(&t->ring); /* its number may be somebody else's by now */
    for (struct sf_traced *o = s->first; o; o = o->next)
        if (o->ring.outer == t->ring.outer)
            o->over = 1; /* exec: it is this one now */
    while (*end)
        end = &(*end)->next;
    *end = t;
    sf_senders_know(&s->senders, t->ring.pid, t->ring.status->comm, sf_monotonic());
    if (added)
        *added = t;
    return 0;
}

/* ---- the heap ---- */

static int before(const struct sf_waiting *a, const struct sf_waiting *b)
{
    return a->time_ns != b->time_ns ? a->time_ns < b->time_ns : a->order < b->order;
}

static int push(struct sf_session *s, const struct sf_waiting *w)
{
    size_t i = s->waiting;

    if (s->waiting == s->room) {
        size_t room = s->room ? 2 * s->room : 4096;
        struct sf_waiting *more = realloc(s->heap, room * sizeof *more);

        if (!more)
            return -ENOMEM;
        s->heap = more;
        s->room = room;
    }
    for (s->waiting++; i && before(w, &s->heap[(i - 1) / 2]); i = (i - 1) / 2)
        s->heap[i] = s->heap[(i - 1) / 2];
    s->heap[i] = *w;
    return 0;
}

static void pop(struct sf_session *s, struct sf_waiting *w)
{
    struct sf_waiting last = s->heap[--s->waiting];
    size_t i = 0, child;

    *w = s->heap[0];
    while ((child = 2 * i + 1) < s->waiting) {
        if (child + 1 < s->waiting && before(&s->heap[child + 1], &s->heap[child]))
            child++;
        if (!before(&s->heap[child], &last))
            break;
        s->heap[i] = s->heap[child];
        i = child;
    }
    s->heap[i] = last;
}

/* ---- reading ---- */

static int sender_of(const struct sf_record *r)
{
    if (r->event != SF_EV_ARRIVE && r->event != SF_EV_BEGIN && r->event != SF_EV_DEFAULT && r->event != SF_EV_TAKE)
        return 0;
    return r->signal.pid;
}

/* What must not wait for its turn: a sender is gone soon. */
static void note(struct sf_session *s, struct sf_traced *t, const struct sf_record *r)
{
    if (r->event == SF_EV_EXEC)
        t->execs = 1;
    if (r->event == SF_EV_COMM || r->event == SF_EV_CMDLINE)
        sf_senders_told(&s->senders, r);
    else if ((r->event == SF_EV_ARRIVE || r->event == SF_EV_TAKE) && r->signal.pid != t->ring.pid)
        sf_senders_look(&s->senders, r->signal.pid, r->time_ns);
    else if (r->event == SF_EV_START)
        sf_senders_know(&s->senders, t->ring.pid, t->ring.status->comm, r->time_ns);
}

static void hand_out(struct sf_session *s, const struct sf_waiting *w)
{
    struct sf_happening h = { .process = w->process, .record = &w->record };
    int pid = sender_of(&w->record);

    h.real_ns = (int64_t)w->time_ns + w->process->realtime_ns;
    h.sender = pid ? sf_senders_find(&s->senders, pid) : NULL;
    if (w->record.event == SF_EV_DEFAULT && w->record.signo < 65)
        w->process->killer = w->record.signo;
    s->take(s->arg, &h);
    w->process->queued--;
}

static void hand_out_before(struct sf_session *s, uint64_t horizon)
{
    struct sf_waiting w;

    while (s->waiting && s->heap[0].time_ns <= horizon) {
        pop(s, &w);
        hand_out(s, &w);
    }
}

/* A record without one: `lost` records, or the end. */
static void say(struct sf_session *s, struct sf_traced *t, uint64_t lost, int gone)
{
    struct sf_happening h = { .process = t, .lost = lost, .gone = gone };

    h.real_ns = (int64_t)(t->last_ns ? t->last_ns : sf_monotonic()) + t->realtime_ns;
    s->take(s->arg, &h);
}

static size_t read_one(struct sf_session *s, struct sf_traced *t, uint64_t now)
{
    static struct sf_record batch[BATCH];
    struct sf_waiting w = { .process = t };
    size_t total = 0;
    long n;

    /* No longer than one round of the ring: the others want to be read as well. */
    while (total <= t->ring.records && (n = sf_ring_read(&t->ring, batch, BATCH, now, t->over ? 0 : PATIENCE_NS)) > 0) {
        for (long i = 0; i < n; i++) {
            note(s, t, &batch[i]);
            w.record = batch[i];
            /* In its ring's order, even where a clock was read before a number was taken. */
            w.time_ns = batch[i].time_ns;
            w.order = s->order++;
            if (w.time_ns > t->last_ns)
                t->last_ns = w.time_ns;
            if (push(s, &w))
                t->ring.lost++;
            else
                t->queued++;
        }
        total += (size_t)n;
        if (s->waiting > MOST_WAITING)
            hand_out_before(s, s->heap[0].time_ns + 1000000000u);
    }
    if (t->ring.lost > t->told_lost) {
        s->lost += t->ring.lost - t->told_lost;
        say(s, t, t->ring.lost - t->told_lost, 0);
        t->told_lost = t->ring.lost;
    }
    s->records += total;
    return total;
}

static void look(struct sf_traced *t, uint64_t now)
{
    struct sf_proc_stat st;

    if (t->over || now - t->looked_ns < LOOK_NS)
        return;
    t->looked_ns = now;
    if (sf_proc_stat(t->ring.outer, &st) || st.ended || (t->started && st.started != t->started))
        t->over = 1;
    else if (t->ring.fd < 0 && sf_ring_over(&t->ring))
        t->over = 1;
}

/* Its file is read to the end, and all of it is handed out. */
static void forget(struct sf_session *s, struct sf_traced *t)
{
    sf_ring_refresh(&t->ring);
    say(s, t, 0, t->ring.status->ended ? 0 : t->killer ? t->killer : -1);
    if (t->was_off && t->ring.path[0])
        unlink(t->ring.path);
    sf_naming_end(t);
    sf_ring_close(&t->ring);
    free(t);
}

size_t sf_session_poll(struct sf_session *s, uint64_t hold_ns)
{
    uint64_t now = sf_monotonic();
    size_t total = 0;
    struct sf_traced **at, *t;

    for (t = s->first; t; t = t->next) {
        look(t, now); /* first: what was written before its end is then all there */
        total += read_one(s, t, now);
    }
    hand_out_before(s, hold_ns ? now - hold_ns : UINT64_MAX);
    for (at = &s->first; (t = *at);) {
        if (t->over && !t->queued && read_one(s, t, now) == 0) {
            *at = t->next;
            forget(s, t);
        } else {
            at = &t->next;
        }
    }
    return total;
}

int sf_session_alive(const struct sf_session *s)
{
    int n = 0;

    for (const struct sf_traced *t = s->first; t; t = t->next)
        n += !t->over;
    return n;
}

void sf_session_end(struct sf_session *s)
{
    struct sf_traced *t;

    hand_out_before(s, UINT64_MAX);
    while ((t = s->first)) {
        s->first = t->next;
        if (t->was_off)
            sf_ring_trace(&t->ring, 0);
        if (t->was_off && t->ring.path[0])
            unlink(t->ring.path);
        sf_naming_end(t);
        sf_ring_close(&t->ring);
        free(t);
    }
    free(s->heap);
    s->heap = NULL;
    s->waiting = s->room = 0;
}
