/* Each ring is nearly in order by itself: so is the queue of what was read from it, once a record that came late has moved
 * up. From the queues a record is taken when it is the oldest of all, and old enough that no earlier one can still turn
 * up.
 *
 * In a storm (of signals, or of whatever else is recorded) the program needs the processors itself, and turning a
 * record into text takes longer than writing it did. Then records are only read, which is cheap and must not come too late,
 * and handed out when it is over; or when they have waited for LAG_NS, or are too many. If that does not help either, the
 * rest stays in the rings, where the oldest are overwritten, and counted. */
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

#define PATIENCE_NS 3000000000u /* for a record that is being written */
#define LOOK_NS 100000000u     /* how often each process is looked at */
#define LAG_NS 1000000000u
#define CALM_NS 100000000u
#define STORM_RATE 100000u     /* records a second */
enum { BATCH = 1024, STORM_LEAST = 64, SLICE = 1 << 14, MANY_WAITING = 1 << 20, MOST_WAITING = 1 << 21, ROOM = 256 };

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

/* ---- the queues ---- */

/* A queue is a circle of records; a loss stands in it as a record with seq 0 and the number in word[0]. */
static struct sf_record *place(const struct sf_traced *t, size_t i)
{
    return &t->queue[(t->head + i) & (t->room - 1)];
}

static int grow(struct sf_traced *t)
{
    size_t room = t->room ? 2 * t->room : ROOM;
    struct sf_record *more = malloc(room * sizeof *more);

    if (!more)
        return -ENOMEM;
    for (size_t i = 0; i < t->queued; i++)
        more[i] = *place(t, i);
    free(t->queue);
    t->queue = more;
    t->room = room;
    t->head = 0;
    return 0;
}

static int push(struct sf_session *s, struct sf_traced *t, const struct sf_record *r)
{
    size_t i = t->queued;

    if (i == t->room && grow(t))
        return -ENOMEM;
    for (; i && place(t, i - 1)->time_ns > r->time_ns; i--) /* its clock was read before its number was taken */
        *place(t, i) = *place(t, i - 1);
    *place(t, i) = *r;
    t->queued++;
    s->waiting++;
    return 0;
}

static void pop(struct sf_session *s, struct sf_traced *t, struct sf_record *r)
{
    *r = *place(t, 0);
    t->head++;
    t->queued--;
    s->waiting--;
    if (t->queued || t->room == ROOM)
        return;
    free(t->queue);
    t->queue = NULL;
    t->head = t->room = 0;
}

/* The process whose turn it is, and until when it stays so. NULL: nothing waits. */
static struct sf_traced *oldest(const struct sf_session *s, uint64_t *until)
{
    struct sf_traced *best = NULL;
    uint64_t least = UINT64_MAX;

    *until = UINT64_MAX;
    for (struct sf_traced *t = s->first; t; t = t->next) {
        if (!t->queued)
            continue;
        if (!best || place(t, 0)->time_ns < least) {
            *until = least;
            least = place(t, 0)->time_ns;
            best = t;
        } else if (place(t, 0)->time_ns < *until) {
            *until = place(t, 0)->time_ns;
        }
    }
    return best;
}

/* ---- reading ---- */

static int sender_of(const struct sf_record *r)
{
    if (r->event != SF_EV_ARRIVE && r->event != SF_EV_BEGIN && r->event != SF_EV_DEFAULT && r->event != SF_EV_TAKE &&
        r->event != SF_EV_MERGED)
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

/* By the time that a record is shown its own process may be another program already: it has the name of this one. */
static const struct sf_sender_name *name_of(const struct sf_session *s, const struct sf_traced *t, int pid, struct sf_sender_name *own)
{
    const struct sf_sender_name *known = sf_senders_find(&s->senders, pid);

    if (!pid || pid != t->ring.pid || (known && !strcmp(known->comm, t->ring.status->comm)))
        return known;
    memset(own, 0, sizeof *own);
    own->pid = pid;
    memcpy(own->comm, t->ring.status->comm, sizeof t->ring.status->comm);
    return own;
}

static void hand_out(struct sf_session *s, struct sf_traced *t, const struct sf_record *r)
{
    struct sf_sender_name own;
    struct sf_happening h = { .process = t, .real_ns = (int64_t)r->time_ns + t->realtime_ns };
    int pid = sender_of(r);

    if (!r->seq) {
        h.lost = r->word[0];
    } else {
        h.record = r;
        h.sender = name_of(s, t, pid, &own);
        if (r->event == SF_EV_DEFAULT && r->signo < 65)
            t->killer = r->signo;
    }
    s->take(s->arg, &h);
}

/* Up to `most` records, up to that time. Returns how many. */
static size_t hand_out_before(struct sf_session *s, uint64_t horizon, size_t most)
{
    size_t count = 0;
    struct sf_record r;
    struct sf_traced *t;
    uint64_t until;

    while (count < most && (t = oldest(s, &until)) && place(t, 0)->time_ns <= horizon) {
        if (until > horizon)
            until = horizon;
        do {
            pop(s, t, &r);
            hand_out(s, t, &r);
        } while (++count < most && t->queued && place(t, 0)->time_ns <= until);
    }
    return count;
}

/* Records that were lost just before `time_ns`. */
static void note_lost(struct sf_session *s, struct sf_traced *t, uint64_t time_ns)
{
    struct sf_record lost = { .time_ns = time_ns };

    if (t->ring.lost == t->told_lost)
        return;
    lost.word[0] = t->ring.lost - t->told_lost;
    if (push(s, t, &lost))
        return; /* next time */
    s->lost += lost.word[0];
    t->told_lost = t->ring.lost;
}

/* Returns how many records it has read: fewer than there are if `most` wait. */
static size_t read_one(struct sf_session *s, struct sf_traced *t, uint64_t now, size_t most)
{
    static struct sf_record batch[BATCH];
    size_t total = 0;
    long n;

    /* No longer than one round of the ring: the others want to be read as well. */
    while (total <= t->ring.records && s->waiting < most &&
           (n = sf_ring_read(&t->ring, batch, BATCH, now, t->over ? 0 : PATIENCE_NS)) > 0) {
        note_lost(s, t, batch[0].time_ns);
        for (long i = 0; i < n; i++) {
            note(s, t, &batch[i]);
            if (batch[i].time_ns > t->last_ns)
                t->last_ns = batch[i].time_ns;
            if (push(s, t, &batch[i]))
                t->ring.lost++;
        }
        total += (size_t)n;
    }
    note_lost(s, t, t->last_ns ? t->last_ns : now);
    s->records += total;
    s->filling |= total > t->ring.records / 8;
    return total;
}

/* What is old enough; in a storm, what has waited for too long. No more than can be printed without harm to the reading.
 * `total` records have just been read. */
static void hand_out_some(struct sf_session *s, uint64_t now, uint64_t hold_ns, size_t total)
{
    uint64_t elapsed = now - s->polled_ns;

    s->polled_ns = now;
    if (total >= STORM_LEAST && total * (1000000000u / STORM_RATE) > elapsed)
        s->calm_ns = now + CALM_NS; /* the next moments without a record may be those in which it had no processor */
    s->storm = now < s->calm_ns && s->waiting < MANY_WAITING;
    s->backlog = hand_out_before(s, now - (s->storm ? LAG_NS : hold_ns), SLICE) == SLICE;
}

/* The end of a process. */
static void say_gone(struct sf_session *s, struct sf_traced *t, int gone)
{
    struct sf_happening h = { .process = t, .gone = gone };

    h.real_ns = (int64_t)(t->last_ns ? t->last_ns : sf_monotonic()) + t->realtime_ns;
    s->take(s->arg, &h);
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

static void end(struct sf_traced *t)
{
    sf_naming_end(t);
    sf_ring_close(&t->ring);
    free(t->queue);
    free(t);
}

/* Its file is read to the end, and all of it is handed out. */
static void forget(struct sf_session *s, struct sf_traced *t)
{
    sf_ring_refresh(&t->ring);
    say_gone(s, t, t->ring.status->ended ? 0 : t->killer ? t->killer : -1);
    if (t->was_off && t->ring.path[0])
        unlink(t->ring.path);
    end(t);
}

size_t sf_session_poll(struct sf_session *s, uint64_t hold_ns)
{
    uint64_t now = sf_monotonic();
    size_t total = 0;
    struct sf_traced **at, *t;

    s->filling = 0;
    for (t = s->first; t; t = t->next) {
        look(t, now); /* first: what was written before its end is then all there */
        total += read_one(s, t, now, hold_ns ? MOST_WAITING : SIZE_MAX);
    }
    if (hold_ns)
        hand_out_some(s, now, hold_ns, total);
    else
        hand_out_before(s, UINT64_MAX, SIZE_MAX);
    for (at = &s->first; (t = *at);) {
        if (t->over && !t->queued && read_one(s, t, now, SIZE_MAX) == 0) {
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

    hand_out_before(s, UINT64_MAX, SIZE_MAX);
    while ((t = s->first)) {
        s->first = t->next;
        if (t->was_off)
            sf_ring_trace(&t->ring, 0);
        if (t->was_off && t->ring.path[0])
            unlink(t->ring.path);
        end(t);
    }
}
