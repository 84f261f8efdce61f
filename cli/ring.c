/* A file is read with pread, not mapped: whoever cuts it short meanwhile can then do no more than end the reading.
 *
 * A record that was copied while it was being overwritten shows: its writer had first to claim a number one round
 * higher, so that after copying, `next` tells which copies can be trusted. */
#include <cli/ring.h>

#include <cli/status.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD offsetof(struct sf_status, module)

/* Any part of the structure. All or nothing. */
static int get(const struct sf_ring *r, uint64_t offset, void *to, size_t size)
{
    ssize_t n;

    if (r->fd < 0)
        return sf_status_copy(r->pid, r->address + offset, to, size);
    n = pread(r->fd, to, size, (off_t)offset);
    return n < 0 ? -errno : (size_t)n == size ? 0 : -EFAULT;
}

static int get_records(const struct sf_ring *r, uint64_t place, void *to, size_t count)
{
    const size_t one = sizeof(struct sf_record);

    if (r->fd < 0)
        return sf_status_copy(r->pid, r->ring + place * one, to, count * one);
    return get(r, sizeof(struct sf_status) + place * one, to, count * one);
}

static int get_next(const struct sf_ring *r, uint64_t *next)
{
    return get(r, offsetof(struct sf_status, next), next, sizeof *next);
}

/* Texts are the writer's: whatever follows, they end. */
static void end_texts(struct sf_status *s)
{
    s->comm[sizeof s->comm - 1] = 0;
    s->config_error[sizeof s->config_error - 1] = 0;
    s->file[sizeof s->file - 1] = 0;
}

int sf_ring_refresh(struct sf_ring *r)
{
    int err = get(r, 0, r->status, HEAD);

    end_texts(r->status);
    return err;
}

int sf_ring_modules(struct sf_ring *r)
{
    int err = get(r, HEAD, r->status->module, sizeof r->status->module);

    for (int i = 0; i < SF_MODULES; i++)
        r->status->module[i].path[sizeof r->status->module[i].path - 1] = 0;
    return err;
}

/* Entries in use stand first in both tables; the pages behind them are better left untouched. */
static int get_stats(struct sf_ring *r)
{
    const uint64_t at = offsetof(struct sf_status, stat);
    struct sf_stat *stat = r->status->stat;
    int err = 0, i;

    for (i = SF_STATS_HANDLERS; i < SF_STATS && !err; i++) {
        err = get(r, at + (uint64_t)i * sizeof *stat, &stat[i], sizeof *stat);
        if (!err && !stat[i].state)
            break;
    }
    /* Full: what found no room is in the signals' own entries. */
    for (int signo = 1; i == SF_STATS && signo < SF_STATS_HANDLERS && !err; signo++)
        err = get(r, at + (uint64_t)signo * sizeof *stat, &stat[signo], sizeof *stat);
    return err;
}

static int get_findings(struct sf_ring *r)
{
    const uint64_t at = offsetof(struct sf_status, finding);
    struct sf_finding *f = r->status->finding;
    int err = 0;

    for (int i = 0; i < SF_FINDINGS && !err; i++) {
        err = get(r, at + (uint64_t)i * sizeof *f, &f[i], sizeof *f);
        f[i].head.called[sizeof f[i].head.called - 1] = f[i].head.inside[sizeof f[i].head.inside - 1] = 0;
        if (!f[i].head.state)
            break;
    }
    return err;
}

int sf_ring_whole(struct sf_ring *r)
{
    int err = sf_ring_refresh(r);

    if (!err)
        err = sf_ring_modules(r);
    if (!err)
        err = get_stats(r);
    return err ? err : get_findings(r);
}

/* ---- whose it is ---- */

/* Has anybody? Where the kernel cannot tell, somebody may. */
static int in_use(const struct sf_ring *r)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = SF_LOCK_AT, .l_len = 1 };

    return fcntl(r->fd, F_OFD_GETLK, &lock) || lock.l_type != F_UNLCK;
}

/* Does it still have the file mapped? A process number alone can have been given to somebody else. Where we may not look
 * it may be: there are processes of ours that nobody may look into. To root such a one is a stranger. */
static int maps_it(const struct sf_ring *r, pid_t pid)
{
    char path[64], *line = NULL;
    size_t size = 0;
    int found = 0;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    f = fopen(path, "re");
    if (!f)
        return geteuid() && (errno == EACCES || errno == EPERM);
    while (!found && getline(&line, &size, f) > 0) {
        unsigned long long inode;

        if (sscanf(line, "%*x-%*x %*s %*x %*x:%*x %llu", &inode) == 1)
            found = inode == (unsigned long long)r->inode && strstr(line, ".ring");
    }
    if (!found && ferror(f))
        found = geteuid() && (errno == EACCES || errno == EPERM);
    free(line);
    fclose(f);
    return found;
}

int sf_ring_inner_pid(pid_t pid)
{
    char path[64], line[256], *last;
    int inner = 0;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    f = fopen(path, "re");
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, "NSpid:", 6)) {
            line[strcspn(line, "\n")] = 0;
            last = strrchr(line, '\t');
            inner = last ? atoi(last) : 0;
        }
    if (f)
        fclose(f);
    return inner;
}

/* Mostly the number is the same; else it lives in another pid namespace. */
static pid_t find_outer(const struct sf_ring *r)
{
    struct dirent *entry;
    pid_t found = 0;
    DIR *d;

    if (maps_it(r, r->pid))
        return r->pid;
    d = opendir("/proc");
    while (d && !found && (entry = readdir(d))) {
        pid_t pid = (pid_t)atoi(entry->d_name);

        if (pid > 0 && pid != r->pid && sf_ring_inner_pid(pid) == r->pid && maps_it(r, pid))
            found = pid;
    }
    if (d)
        closedir(d);
    return found;
}

/* ---- opening ---- */

/* What must be right before anything else is read. */
static int check(struct sf_ring *r)
{
    static const char magic[16] = SF_FORMAT_MAGIC, none[16];
    const struct sf_status *s = r->status;
    int err = get(r, 0, r->status, offsetof(struct sf_status, pid));

    if (err)
        return err == -EFAULT ? -ENOEXEC : err;
    if (!memcmp(s->magic, none, sizeof none))
        return -EAGAIN;
    if (memcmp(s->magic, magic, sizeof magic))
        return -ENOEXEC;
    if (s->version != SF_FORMAT_VERSION || s->size != sizeof *s)
        return -EPROTO;
    err = sf_ring_refresh(r);
    if (err)
        return err == -EFAULT ? -ENOEXEC : err;
    if (s->record_size != sizeof(struct sf_record) || !s->records || s->records > SF_MOST_RECORDS ||
        (s->records & (s->records - 1)))
        return -ENOEXEC;
    r->records = s->records;
    r->ring = s->ring;
    return 0;
}

static int prepare(struct sf_ring *r, int fd)
{
    memset(r, 0, sizeof *r);
    r->fd = fd;
    /* Aligned to pages, and only as much memory as is read into. */
    r->status = mmap(NULL, sizeof *r->status, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (r->status != MAP_FAILED)
        return 0;
    r->status = NULL;
    return -ENOMEM;
}

int sf_ring_open_fd(int fd, const char *path, struct sf_ring *r)
{
    struct stat st;
    int err = prepare(r, fd);

    snprintf(r->path, sizeof r->path, "%s", path);
    if (!err && (fstat(fd, &st) || !S_ISREG(st.st_mode)))
        err = -ENOEXEC;
    if (!err)
        err = check(r);
    if (!err && !r->status->in_file)
        err = -EAGAIN; /* it is being filled */
    if (!err && (uint64_t)st.st_size < sizeof *r->status + (uint64_t)r->records * sizeof(struct sf_record))
        err = -ENOEXEC;
    if (!err) {
        r->pid = r->status->pid;
        r->device = st.st_dev;
        r->inode = st.st_ino;
    }
    return err;
}

int sf_ring_open_file(const char *path, struct sf_ring *r)
{
    const int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    int fd = open(path, O_RDWR | flags);

    if (fd < 0 && (errno == EACCES || errno == EROFS))
        fd = open(path, O_RDONLY | flags);
    if (fd < 0) {
        int err = -errno;
        memset(r, 0, sizeof *r);
        r->fd = -1;
        return err;
    }
    return sf_ring_open_fd(fd, path, r);
}

int sf_ring_open_process(pid_t pid, struct sf_ring *r)
{
    int err = prepare(r, -1);

    r->pid = r->outer = pid;
    if (!err)
        err = sf_status_find(pid, &r->address);
    if (!err)
        err = check(r);
    if (!err && r->status->in_file)
        snprintf(r->path, sizeof r->path, "%s", r->status->file);
    return err;
}

void sf_ring_close(struct sf_ring *r)
{
    if (r->fd >= 0)
        close(r->fd);
    if (r->status)
        munmap(r->status, sizeof *r->status);
    r->fd = -1;
    r->status = NULL;
}

/* PID-MICROSECONDS.ring */
uint64_t sf_ring_made_ns(const char *path)
{
    const char *slash = strrchr(path, '/'), *dash = strchr(slash ? slash : path, '-');

    return dash ? strtoull(dash + 1, NULL, 10) * 1000 : 0;
}

int sf_ring_older(const struct sf_ring *r, uint64_t since_ns)
{
    return r->path[0] && sf_ring_made_ns(r->path) < since_ns;
}

/* The one that is read next is not whole. Its writer may be about to finish it, may have given it up, or be dead; or have
 * no processor: on a machine with too much to do for some hundred milliseconds. */
static void wait_or_skip(struct sf_ring *r, uint64_t now, uint64_t patience)
{
    if (!r->pending_ns)
        r->pending_ns = now ? now : 1;
    if (now - r->pending_ns < patience)
        return;
    r->next++;
    r->lost++;
    r->pending_ns = 0;
}

/* Of `count` copies that begin with r->next, those that are whole, moved together. `after`: records claimed by the time
 * that the copy was complete. */
static long sift(struct sf_ring *r, struct sf_record *to, uint64_t count, uint64_t after, uint64_t now, uint64_t patience)
{
    long got = 0;

    for (uint64_t i = 0; i < count; i++) {
        uint64_t number = r->next;

        if (after > r->records && number < after - r->records) {
            r->next++;
            r->lost++;
            continue;
        }
        if (to[i].seq != 2 * number + 2) {
            wait_or_skip(r, now, patience);
            if (r->next == number)
                break;
            continue;
        }
        r->pending_ns = 0;
        to[got++] = to[i];
        r->next++;
    }
    return got;
}

long sf_ring_read(struct sf_ring *r, struct sf_record *to, size_t max, uint64_t now_ns, uint64_t patience_ns)
{
    uint64_t next, after, count, place;
    int err = get_next(r, &next);

    if (err)
        return err;
    if (next < r->next)
        return -EPROTO; /* it counts backwards */
    if (next - r->next > r->records) {
        r->lost += next - r->records - r->next;
        r->next = next - r->records;
        r->pending_ns = 0;
    }
    place = r->next % r->records;
    count = next - r->next;
    if (count > r->records - place)
        count = r->records - place; /* the rest next time */
    if (count > max)
        count = max;
    if (!count)
        return 0;
    if (next - r->next > r->records / 2)
        patience_ns = 0; /* or those behind it are overwritten */
    err = get_records(r, place, to, count);
    if (!err)
        err = get_next(r, &after);
    return err ? err : sift(r, to, count, after, now_ns, patience_ns);
}

void sf_ring_locate(struct sf_ring *r)
{
    if (!r->outer && r->fd >= 0 && in_use(r))
        r->outer = find_outer(r);
}

int sf_ring_over(const struct sf_ring *r)
{
    uint64_t next;

    if (r->fd < 0)
        return get_next(r, &next) != 0;
    return !r->outer || !in_use(r) || !maps_it(r, r->outer);
}
