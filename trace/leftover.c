/* context: handler
 *
 * Processes that end leave their files, so that these can still be read. A server that forks for each connection would
 * fill the memory with them: so one in sixteen of those that make a file looks how many there are, and removes some old ones.
 * Nobody waits for anybody, and the work of one is bounded: what one leaves the next one finds.
 *
 * Who has ended is not told by the number in the name: another process may have got it, or the one that is meant lives in
 * another pid namespace that shares the directory. The lock of trace/format.h tells. A file that has just been made is not
 * locked yet: should it be removed, its maker sees that and makes another.
 *
 * Nor does the name tell when it has ended: what ran for a month may have been killed a second ago. So the first who finds
 * it ended only notes when (left_ns), and it goes when that is older than the KEPT newest files are.
 */
#include "trace/leftover.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/sigset.h"
#include "base/syscall.h"
#include "base/text.h"
#include "trace/format.h"

enum {
    SELDOM = 16,
    MANY = 256,   /* files, those of live processes included; beyond that some go, ... */
    KEPT = 128,   /* ... but those that had ended before the newest so many were made, ... */
    LOOKS = 128,  /* ... and of about so many only that are looked into, each time others, ... */
    AT_ONCE = 64, /* ... at most so many. More than SELDOM: else there would be ever more */
    TOO_MANY = 512 /* files; up to here those with findings stay: somebody will ask for them later */
};

/* What the kernel writes. */
struct entry {
    uint64_t inode;
    int64_t offset;
    uint16_t size;
    uint8_t type;
    char name[];
};

/* Only one thread is here, and nothing can interrupt it. */
static struct {
    _Alignas(struct entry) char entries[4096];
    uint64_t newest[KEPT]; /* microseconds, as in the names; the newest first */
    unsigned count, all, left, step;
    uint64_t now;
    char path[sizeof ((struct sf_status *)0)->file];
    unsigned directory; /* so much of `path` */
} job;

long sf_leftover_lock(long fd, int type)
{
    struct flock lock = { .l_type = (short)type, .l_whence = SEEK_SET, .l_start = SF_LOCK_AT, .l_len = 1 };
    return SF_SYS(SYS_fcntl, fd, F_OFD_SETLK, &lock, 0, 0, 0);
}

int sf_leftover_is(long fd, const struct stat *st)
{
    struct stat now;
    return SF_SYS(SYS_newfstatat, fd, "", &now, AT_EMPTY_PATH, 0, 0) == 0 && now.st_dev == st->st_dev &&
           now.st_ino == st->st_ino;
}

/* ---- names ---- */

/* A number as we write it, and what follows; NULL it is none. */
static const char *number(const char *s, uint64_t *n)
{
    const char *begin = s;
    *n = 0;
    while (*s >= '0' && *s <= '9' && s - begin < 18)
        *n = *n * 10 + (uint64_t)(*s++ - '0');
    return s == begin || *begin == '0' ? NULL : s;
}

/* A time before the machine was started anew is none of this clock's. */
static uint64_t past(uint64_t time)
{
    return time > job.now ? 1 : time;
}

/* PID-MICROSECONDS.ring: when it was made. 0: it is none. */
static uint64_t made(const char *name)
{
    uint64_t n;
    name = number(name, &n);
    name = name && *name == '-' ? number(name + 1, &n) : NULL;
    return name && sf_text_equal(name, ".ring") ? past(n) : 0;
}

/* ---- the two looks ---- */

static void note(const char *name, uint64_t time)
{
    unsigned at = job.count < KEPT ? job.count : KEPT - 1;
    (void)name;
    if (job.count++ >= KEPT && job.newest[at] >= time)
        return;
    for (; at && job.newest[at - 1] < time; at--)
        job.newest[at] = job.newest[at - 1];
    job.newest[at] = time;
}

static int has_findings(long fd)
{
    uint32_t state = 0;
    SF_SYS(SYS_pread64, fd, &state, sizeof state, offsetof(struct sf_status, finding), 0, 0);
    return state != 0;
}

/* Nobody has it mapped, and we have the lock. May it go? */
static int may_go(long fd)
{
    static const char magic[16] = SF_FORMAT_MAGIC, none[16];
    uint64_t left = 0, now = job.now * 1000;
    struct {
        char magic[sizeof magic];
        uint32_t version;
    } head = {{0}, 0};
    if (SF_SYS(SYS_pread64, fd, &head, sizeof head, 0, 0, 0) < 0)
        return 0;
    if (!memcmp(head.magic, none, sizeof none))
        return 1; /* whoever made it ended there */
    if (memcmp(head.magic, magic, sizeof magic) || head.version < SF_FORMAT_LOCKED)
        return 0;
    SF_SYS(SYS_pread64, fd, &left, sizeof left, offsetof(struct sf_status, left_ns), 0, 0);
    if (left)
        return past(left / 1000) < job.newest[KEPT - 1] && (job.all > TOO_MANY || !has_findings(fd));
    SF_SYS(SYS_pwrite64, fd, &now, sizeof now, offsetof(struct sf_status, left_ns), 0, 0);
    return 0;
}

static void remove_old(const char *name, uint64_t time)
{
    struct sf_text t = {job.path, sizeof job.path, job.directory};
    struct stat st;
    long fd;
    if (job.count++ % job.step || time >= job.newest[KEPT - 1] || !job.left)
        return;
    sf_text_add(&t, name);
    if (SF_SYS(SYS_newfstatat, AT_FDCWD, job.path, &st, AT_SYMLINK_NOFOLLOW, 0, 0) != 0 || !S_ISREG(st.st_mode) ||
        st.st_uid != (unsigned)SF_SYS(SYS_geteuid, 0, 0, 0, 0, 0, 0))
        return;
    fd = sys_open(job.path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (sf_leftover_lock(fd, F_WRLCK) == 0) {
        int same = sf_leftover_is(fd, &st);
        if (!same)
            sf_leftover_lock(fd, F_UNLCK);
        else if (may_go(fd) && SF_SYS(SYS_unlinkat, AT_FDCWD, job.path, 0, 0, 0, 0) == 0)
            job.left--;
    }
    if (sf_leftover_is(fd, &st))
        sys_close((int)fd);
}

/* All such names of the directory. `each` may remove that file. */
static void walk(void (*each)(const char *name, uint64_t time))
{
    struct stat st;
    long n, fd;
    job.path[job.directory] = 0;
    fd = sys_open(job.path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    if (fd < 0 || SF_SYS(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH, 0, 0) != 0)
        return;
    while ((n = SF_SYS(SYS_getdents64, fd, job.entries, sizeof job.entries, 0, 0, 0)) > 0)
        for (long at = 0; at < n;) {
            const struct entry *e = (const void *)(job.entries + at);
            uint64_t time = made(e->name);
            if (time)
                each(e->name, time);
            at += e->size;
        }
    if (sf_leftover_is(fd, &st))
        sys_close((int)fd);
}

void sf_leftover_clear(const char *file, unsigned length)
{
    struct sf_text t = {job.path, sizeof job.path, length};
    job.now = sf_now_raw() / 1000;
    if (job.now % SELDOM || length + 1 >= sizeof job.path)
        return;
    memcpy(job.path, file, length);
    sf_text_add(&t, "/");
    job.directory = t.used;
    job.count = 0;
    walk(note);
    if (job.count <= MANY)
        return;
    job.all = job.count;
    job.step = job.count / LOOKS + 1;
    job.count = (unsigned)(job.now / SELDOM % job.step);
    job.left = AT_ONCE;
    walk(remove_old);
}
