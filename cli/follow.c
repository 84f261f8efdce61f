/* A process's ring file appears with its first record: parents before children, since a child is forked before it writes.
 * So all files that a record's order can depend on are found if the directory is read before each look into the rings,
 * and records are held back for a moment. */
#include <cli/follow.h>

#include <cli/cli.h>
#include <cli/directory.h>
#include <cli/naming.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HOLD_NS 30000000u
#define YOUNG_NS 500000000u
#define FIRST_NAP_NS 500000u
#define BUSY_NAP_NS 5000000u
#define LONGEST_NAP_NS 20000000u

struct sf_joining {
    struct sf_joining *next;
    struct sf_ring ring;
    int was_off;
    uint64_t began_ns; /* of its program: another one has nothing of ours at this address */
};

/* ---- what comes out ---- */

static void take(void *arg, const struct sf_happening *h)
{
    struct sf_follow *f = arg;

    if (!f->error && (!h->record || sf_filter_passes(&f->filter, h->record)))
        f->writer.format->event(&f->writer, h);
}

static void flush(struct sf_follow *f)
{
    if (f->error || (!fflush(f->writer.out) && !ferror(f->writer.out)))
        return;
    f->error = errno ? errno : EIO;
}

void sf_follow_begin(struct sf_follow *f)
{
    sf_session_begin(&f->session, take, f);
    sf_filter_begin(&f->filter);
    f->since_ns = f->kin.since_ns = sf_monotonic();
}

/* ---- the directory ---- */

int sf_follow_directory(struct sf_follow *f)
{
    f->private = 1;
    return sf_directory_make("trace", f->directory);
}

/* Is it of the same process as one that we follow, or of a child? A forked child is the same program, with tracing on
 * because we have switched it on in the parent. A program of its own that traces itself is left as it was: *was_off 0. */
static int is_kin(const struct sf_follow *f, const struct sf_ring *r, int *was_off)
{
    int kin = 0;

    *was_off = 0;
    for (struct sf_traced *t = f->session.first; t; t = t->next) {
        int forked = r->status->began_ns == t->ring.status->began_ns;
        int before = t->ring.pid == r->pid && r->status->began_ns < t->ring.status->began_ns;

        kin |= forked || t->ring.pid == r->pid || t->ring.pid == r->status->ppid;
        *was_off |= (forked || before) && t->was_off;
    }
    return kin;
}

static void join(struct sf_follow *f, struct sf_ring *ring, int was_off)
{
    struct sf_traced *t;

    if ((ring->fd >= 0 && sf_session_find(&f->session, ring->device, ring->inode)) || sf_session_add(&f->session, ring, &t)) {
        sf_ring_close(ring);
        return;
    }
    t->was_off = was_off;
    if (!f->private)
        sf_naming_begin(t);
}

/* It is of a process that we have switched on, and that will join by itself. */
static int is_joining(const struct sf_follow *f, const struct sf_ring *r)
{
    const struct sf_joining *j = f->joining;

    while (j && (j->ring.status->pid != r->pid || j->began_ns != r->status->began_ns))
        j = j->next;
    return j != NULL;
}

static void try_file(struct sf_follow *f, int dir, const char *name)
{
    int fd = openat(dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY), err;
    int kin = 0, was_off = 0;
    struct sf_ring ring;
    char path[4400];

    if (fd < 0)
        return;
    snprintf(path, sizeof path, "%s/%s", f->directory, name);
    err = sf_ring_open_fd(fd, path, &ring);
    if (!err)
        kin = f->private || is_kin(f, &ring, &was_off);
    /* Being made, or a child of one that is about to join: again next time. */
    if (err == -EAGAIN || err == -ENOEXEC || (!err && !kin && sf_ring_made_ns(name) + YOUNG_NS > sf_monotonic()) ||
        (!err && is_joining(f, &ring))) {
        sf_ring_close(&ring);
        return;
    }
    /* Whole, it needs its name no more: should we be killed, nothing is left behind. */
    if (f->private)
        unlinkat(dir, name, 0);
    else
        sf_seen_note(&f->seen, name);
    if (kin)
        join(f, &ring, was_off);
    else
        sf_ring_close(&ring);
}

static void scan(struct sf_follow *f)
{
    struct dirent *entry;
    DIR *d = f->directory[0] ? opendir(f->directory) : NULL;

    while (d && (entry = readdir(d))) {
        size_t n = strlen(entry->d_name);

        if (n > 5 && !strcmp(entry->d_name + n - 5, ".ring") &&
            (f->private || sf_ring_made_ns(entry->d_name) >= f->since_ns) && !sf_seen_has(&f->seen, entry->d_name))
            try_file(f, dirfd(d), entry->d_name);
    }
    if (d)
        closedir(d);
}

/* Children's rings will lie beside their parent's. */
static void watch_directory_of(struct sf_follow *f, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!f->directory[0] && slash && slash - path < (long)sizeof f->directory)
        snprintf(f->directory, sizeof f->directory, "%.*s", (int)(slash - path), path);
}

/* ---- processes that run already ---- */

int sf_ring_fail(pid_t pid, const struct sf_ring *ring, int err)
{
    switch (err) {
    case -ESRCH:
        return sf_fail(SF_EXIT_NONE, "%d: no such process, or it has ended just now", (int)pid);
    case -EPERM:
    case -EACCES:
        return sf_fail(SF_EXIT_NONE, "%d: not permitted; run this as the user of that process, or as root", (int)pid);
    case -ENOENT:
        return sf_fail(SF_EXIT_NONE, "%d: runs without libsigferry.so; start it with sigferry run or LD_PRELOAD", (int)pid);
    case -EAGAIN:
        return sf_fail(SF_EXIT_NONE, "%d: libsigferry.so is loaded but has not begun yet; try again", (int)pid);
    case -EPROTO:
        return sf_fail(SF_EXIT_NONE, "%d: its libsigferry.so speaks format %u, this command %u; use the sigferry that "
                       "belongs to it", (int)pid, ring->status ? ring->status->version : 0, SF_FORMAT_VERSION);
    }
    return sf_fail(SF_EXIT_NONE, "%d: its record cannot be read: %s", (int)pid, strerror(-err));
}

/* The ring was read out of its memory, and is ours in any case. 0 or -errno. */
static int attach(struct sf_follow *f, struct sf_ring *ring)
{
    struct sf_joining *j = calloc(1, sizeof *j);
    int was_off = !ring->status->control.trace, err = !j ? -ENOMEM : was_off ? sf_ring_trace(ring, 1) : 0;

    if (err) {
        sf_ring_close(ring);
        free(j);
        return err;
    }
    *j = (struct sf_joining){ f->joining, *ring, was_off, ring->status->began_ns };
    f->joining = j;
    return 0;
}

static void attach_kin(void *arg, struct sf_ring *ring)
{
    const struct sf_follow *f = arg;

    if (sf_ring_older(ring, f->since_ns))
        ring->next = ring->status->next;
    attach(arg, ring); /* gone again, or it never was: there is nothing to tell of */
}

int sf_follow_process(struct sf_follow *f, pid_t pid)
{
    struct sf_ring ring;
    int err = sf_ring_open_process(pid, &ring), status;

    if (!err && !ring.status->began_ns)
        err = -EAGAIN;
    if (!err) {
        f->with_kin = 1;
        ring.next = ring.status->next;
        err = attach(f, &ring);
        return err ? sf_ring_fail(pid, &ring, err) : 0;
    }
    status = sf_ring_fail(pid, &ring, err);
    sf_ring_close(&ring);
    return status;
}

/* Its file is there now, or never will be. 1: it has joined, or is gone. */
static int joined(struct sf_follow *f, struct sf_joining *j)
{
    int had_file = j->ring.status->in_file, err = sf_ring_refresh(&j->ring);
    const struct sf_status *s = j->ring.status;
    uint64_t next = had_file || !s->in_file ? j->ring.next : 0; /* a new file begins anew */
    struct sf_ring file;

    if (err || s->began_ns != j->began_ns) {
        sf_kin_hope(&f->kin, j->ring.pid); /* by exec, before we have looked */
        return 1;
    }
    if (!s->in_file && !s->file_errno)
        return 0;
    if (s->in_file && !sf_ring_open_file(s->file, &file)) {
        if (file.status->began_ns == s->began_ns && file.status->pid == s->pid) {
            watch_directory_of(f, s->file);
            file.next = next;
            file.outer = j->ring.pid;
            join(f, &file, j->was_off);
            sf_ring_close(&j->ring);
            return 1;
        }
        sf_ring_close(&file);
    }
    /* No file, or one that has lost its name: out of its memory. */
    err = sf_ring_open_process(j->ring.pid, &file);
    file.path[0] = 0;
    file.next = next;
    if (err)
        sf_ring_close(&file);
    else
        join(f, &file, j->was_off);
    sf_ring_close(&j->ring);
    return 1;
}

static void join_all(struct sf_follow *f)
{
    for (struct sf_joining **at = &f->joining, *j; (j = *at);) {
        if (joined(f, j)) {
            *at = j->next;
            free(j);
        } else {
            at = &j->next;
        }
    }
}

static void leave_all(struct sf_follow *f)
{
    struct sf_joining *j;

    sf_kin_end(&f->kin);
    while ((j = f->joining)) {
        f->joining = j->next;
        if (j->was_off && !sf_ring_refresh(&j->ring) && j->ring.status->began_ns == j->began_ns)
            sf_ring_trace(&j->ring, 0);
        sf_ring_close(&j->ring);
        free(j);
    }
    sf_seen_end(&f->seen);
}

int sf_follow_file(struct sf_follow *f, const char *path)
{
    struct sf_ring ring;
    int err = sf_ring_open_file(path, &ring);

    if (!err) {
        join(f, &ring, 0);
        return 0;
    }
    if (err == -EPROTO)
        sf_fail(SF_EXIT_NONE, "%s: is of format %u, this command reads %u", path, ring.status->version, SF_FORMAT_VERSION);
    else
        sf_fail(SF_EXIT_NONE, "%s: %s", path, err == -ENOEXEC || err == -EAGAIN ? "is no ring of sigferry" : strerror(-err));
    sf_ring_close(&ring);
    return SF_EXIT_NONE;
}

/* ---- the loop ---- */

/* Rest, after a look that has found `got` records; not at all if there is more to do. Each look takes a processor from
 * somebody, and records are held back anyway: so not shorter than rings that fill ask for, and in a storm as long as that
 * permits. Returns how long; `last`: the same of the time before. */
static uint64_t nap(const struct sf_session *s, size_t got, uint64_t last)
{
    uint64_t longest = got && !s->storm ? BUSY_NAP_NS : LONGEST_NAP_NS;
    struct timespec t = { 0, FIRST_NAP_NS };

    if (s->backlog)
        return 0;
    if (last && !s->filling)
        t.tv_nsec = (long)(last * 2 < longest ? last * 2 : longest);
    nanosleep(&t, NULL);
    return (uint64_t)t.tv_nsec;
}

/* Is there, or may there still come, anything to follow? */
static int anybody(struct sf_follow *f, int alone)
{
    if ((f->private && !alone) || f->joining || f->session.first || sf_kin_hopeful(&f->kin))
        return 1;
    f->heir = f->private ? sf_directory_heir(f->directory, f->heir) : 0;
    return f->heir != 0;
}

static void end(struct sf_follow *f)
{
    sf_session_poll(&f->session, 0);
    sf_session_end(&f->session);
    if (f->writer.format->end && !f->error)
        f->writer.format->end(&f->writer);
    flush(f);
    leave_all(f);
    if (f->private && f->directory[0])
        sf_directory_remove(f->directory);
}

void sf_follow_run(struct sf_follow *f)
{
    uint64_t napping = FIRST_NAP_NS, last = 0;

    while (!f->stop && (!f->error || f->private)) {
        int alone = f->alone; /* before the look: what it wrote is then all there */
        size_t got;

        join_all(f);
        if (f->with_kin)
            sf_kin_look(&f->kin, &f->session, attach_kin, f);
        scan(f);
        got = sf_session_poll(&f->session, HOLD_NS);
        flush(f);
        if (f->error && alone)
            break;
        if (anybody(f, alone))
            last = 0;
        else if (!f->private || (last && sf_monotonic() - last > HOLD_NS))
            break; /* looked at twice: it was not just passing from one process to another between two looks */
        else if (!last)
            last = sf_monotonic();
        napping = nap(&f->session, got, napping);
    }
    end(f);
}
