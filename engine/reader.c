/* context: handler, runner (sf_reader_wrote), thread (sf_reader_read)
 *
 * The other end of a wake-up: which read of the program takes out what a recognised handler has written, and how long
 * after the signal's arrival that was. Whether a pipe or socket is empty can be asked at its writing end, so the reader
 * is known by what it does, and not by guessing which descriptor belongs to which.
 */
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "engine/engine.h"

#define NOBODY 64 /* so many reads of other things after a wake-up: nobody here reads it */

/* One for each signal whose handler is recognised. */
static struct wakeup {
    volatile uint64_t since; /* arrival of the oldest signal whose wake-up is not read yet */
    volatile uint32_t tries; /* reads of other things since */
    int fd;
} wakeup[SF_NSIG];

volatile sf_set sf_reader_unread;

static int is(const struct stat *st, unsigned type)
{
    return (st->st_mode & S_IFMT) == type;
}

/* Is there something in what `fd` writes to? Sockets tell how much of what was sent has not been received. */
static int unread(int fd, const struct stat *st)
{
    int n = 0;
    struct pollfd p = {fd, POLLIN, 0};
    static const struct timespec zero;
    if (S_ISFIFO(st->st_mode))
        return SF_SYS(SYS_ioctl, fd, FIONREAD, &n, 0, 0, 0) == 0 && n > 0;
    if (S_ISSOCK(st->st_mode))
        return SF_SYS(SYS_ioctl, fd, SIOCOUTQ, &n, 0, 0, 0) == 0 && n > 0;
    return SF_SYS(SYS_ppoll, &p, 1, &zero, NULL, 8, 0) == 1;
}

/* A recognised handler of `signo`, called for a signal that arrived at `since` (0: just now), is about to write. */
void sf_reader_wrote(int signo, int fd, uint64_t since)
{
    struct wakeup *w = &wakeup[signo];
    struct sf_row *row = &sigferry_status.row[signo];
    struct stat st;
    if (w->fd != fd || row->wakeup_fd != fd) {
        /* Another one: whoever read the old one is not known to read this. */
        w->fd = row->wakeup_fd = fd;
        row->wakeup_reader = -1;
        w->tries = 0;
        SF_AND(&sf_reader_unread, ~SF_BIT(signo));
    }
    if (w->tries >= NOBODY)
        return;
    if (SF_HAS(SF_LOAD(&sf_reader_unread), signo)) {
        if (SF_SYS(SYS_fstat, fd, &st, 0, 0, 0, 0) != 0 || unread(fd, &st))
            return; /* one byte more beside the first */
        row->wakeup_reader = -1; /* read, and not by whom we took for the reader */
    }
    SF_STORE(&w->since, since ? since : sf_now());
    SF_OR(&sf_reader_unread, SF_BIT(signo));
}

/* Could reading `fd` have emptied what `to` writes to? */
static int other_end(int fd, const struct stat *st, int to, const struct stat *to_st)
{
    if (S_ISFIFO(to_st->st_mode))
        return is(st, S_IFIFO) && st->st_ino == to_st->st_ino && st->st_dev == to_st->st_dev;
    if (S_ISSOCK(to_st->st_mode))
        return S_ISSOCK(st->st_mode) && fd != to;
    return fd == to || is(st, 0); /* an eventfd, or a copy of it */
}

static int took_out(const struct sf_lane *lane, int signo, int fd, const struct stat *st)
{
    struct wakeup *w = &wakeup[signo];
    struct sf_row *row = &sigferry_status.row[signo];
    struct sf_record *r;
    struct stat to;
    uint64_t ns;
    if (row->wakeup_reader >= 0 && row->wakeup_reader != fd)
        return 0;
    if (SF_SYS(SYS_fstat, w->fd, &to, 0, 0, 0, 0) != 0 || !other_end(fd, st, w->fd, &to) || unread(w->fd, &to))
        return 0;
    if (!SF_HAS(SF_AND(&sf_reader_unread, ~SF_BIT(signo)), signo))
        return 1; /* another thread was faster */
    ns = sf_now() - SF_LOAD(&w->since);
    row->wakeup_reader = fd;
    row->wakeup_tid = lane->tid;
    row->wakeup_reads++;
    row->wakeup_ns += ns;
    if (ns > row->wakeup_max_ns)
        row->wakeup_max_ns = ns;
    if (sf_tracing() && (r = sf_record_open(SF_EV_WAKEUP, lane->tid, signo, sf_now())) != NULL) {
        memset(r->word, 0, sizeof r->word);
        r->wakeup.fd = w->fd;
        r->wakeup.reader = fd;
        r->wakeup.wait_ns = ns;
        sf_record_close(r);
    }
    return 1;
}

/* The program has read something from `fd` while wake-ups were unread. Keeps errno. */
void sf_reader_read(const struct sf_lane *lane, int fd)
{
    struct stat st;
    if (SF_SYS(SYS_fstat, fd, &st, 0, 0, 0, 0) != 0 || !(S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) || is(&st, 0)))
        return;
    for (sf_set rest = SF_LOAD(&sf_reader_unread); rest; rest &= rest - 1) {
        struct wakeup *w = &wakeup[sf_set_first(rest)];
        if (took_out(lane, sf_set_first(rest), fd, &st))
            w->tries = 0;
        else if (++w->tries == NOBODY) /* the reader is another process, or does not read by a call of libc */
            SF_AND(&sf_reader_unread, ~SF_BIT(sf_set_first(rest)));
    }
}
