/* context: handler
 *
 * The file. It is made late, when the first record is to be written, and mapped over the place where the structure is:
 * so whoever counts or records need not ask where, and whoever reads a live process finds it as before. It stays when
 * the process is killed.
 *
 * The directory's parent is sticky or the user's own, and the directory ours alone: nobody can exchange it under us.
 * The file must not be there yet (O_EXCL), which also refuses symbolic links. Between opening and mapping another
 * thread of the program may close "all" descriptors and open its own: so the file is given its size by its path, and
 * after mapping the descriptor must still be the same file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/sigset.h"
#include "base/syscall.h"
#include "base/text.h"
#include "trace/leftover.h"
#include "trace/ring.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

volatile uint32_t sf_file_state = SF_FILE_FAILED; /* until sf_file_begin */
volatile uint32_t sf_file_settled;
static const struct sf_config *config;
static char path[sizeof sigferry_status.file]; /* of whoever has made the state SF_FILE_MAKING */
static unsigned directory;                      /* so much of it is the directory's; 0 there is none */
static struct sf_record *mapped_ring;
static int owner; /* the process that all this belongs to */
static uint64_t mapped_size; /* of the ring */

#define HEAD offsetof(struct sf_status, module) /* always there */
#define TAIL (sizeof(struct sf_status) - HEAD)

static uint64_t now_of(int clock)
{
    struct timespec t = {0, 0};
    SF_SYS(SYS_clock_gettime, clock, &t, 0, 0, 0, 0);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- where ---- */

/* A directory that is ours alone; or, where somebody named it, root's with the sticky bit. */
static int sound(const char *dir)
{
    struct stat st;
    unsigned uid = (unsigned)SF_SYS(SYS_geteuid, 0, 0, 0, 0, 0, 0);
    if (SF_SYS(SYS_newfstatat, AT_FDCWD, dir, &st, AT_SYMLINK_NOFOLLOW, 0, 0) != 0 || !S_ISDIR(st.st_mode))
        return 0;
    if (st.st_uid == uid)
        return !(st.st_mode & 022);
    return st.st_uid == 0 && (st.st_mode & S_ISVTX) && config->rings[0];
}

/* Writes the directory into `path`. 0 or -errno. */
static int find_directory(struct sf_text *t)
{
    sf_text_start(t, path, sizeof path - 48); /* room for the name */
    if (config->rings[0]) {
        sf_text_add(t, config->rings);
        return sound(path) ? 0 : -EACCES;
    }
    if (config->runtime[0]) {
        sf_text_add(t, config->runtime);
        sf_text_add(t, "/sigferry");
        SF_SYS(SYS_mkdirat, AT_FDCWD, path, 0700, 0, 0, 0);
        if (sound(path))
            return 0;
    }
    /* No session, or that of another user (sudo keeps the variable). */
    sf_text_start(t, path, sizeof path - 48);
    sf_text_add(t, "/dev/shm/sigferry-");
    sf_text_number(t, SF_SYS(SYS_geteuid, 0, 0, 0, 0, 0, 0));
    SF_SYS(SYS_mkdirat, AT_FDCWD, path, 0700, 0, 0, 0);
    return sound(path) ? 0 : -EACCES;
}

/* DIRECTORY/PID-NUMBER.ring: a process that becomes another program makes a second one. */
static long open_file(struct sf_text *t)
{
    uint64_t number = now_of(CLOCK_MONOTONIC);
    unsigned used = t->used;
    for (int i = 0; i < 16; i++) {
        long fd;
        t->size = sizeof path;
        t->used = used;
        sf_text_add(t, "/");
        sf_text_number(t, sigferry_status.pid);
        sf_text_add(t, "-");
        sf_text_number(t, (int64_t)(number / 1000) + i);
        sf_text_add(t, ".ring");
        fd = sys_open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd != -EEXIST)
            return fd;
    }
    return -EEXIST;
}

/* ---- mapping ---- */

/* `status`: what `at` is in, or NULL. */
static int present(const struct sf_status *status, const void *at, uint64_t size)
{
    uintptr_t from = (uintptr_t)at & ~(uintptr_t)(SF_PAGE - 1);
    uintptr_t to = ((uintptr_t)at + size + SF_PAGE - 1) & ~(uintptr_t)(SF_PAGE - 1);
    long r;
    if (status && to > (uintptr_t)(status + 1))
        to = (uintptr_t)(status + 1); /* behind the last entry there is no next one */
    r = SF_SYS(SYS_madvise, from, to - from, MADV_POPULATE_WRITE, 0, 0, 0);
    return r == -EINVAL ? 0 : (int)r; /* an older kernel: all was allocated at once, see below */
}

int sf_file_pages(const void *at, uint64_t size)
{
    int in = (uintptr_t)at - (uintptr_t)&sigferry_status < sizeof sigferry_status;
    if (sf_file_settled)
        return sf_file_settled == 1 ? 0 : -ENOSPC;
    return sf_file_state == SF_FILE_DONE ? present(in ? &sigferry_status : NULL, at, size) : 0;
}

static long map(long fd, uint64_t size, uint64_t offset)
{
    return SF_SYS(SYS_mmap, NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
}

/* From now on it is not taken for one that was left over. That it had been before we came shows: 0, or -EAGAIN for
 * another try with another file. Where a process may not lock, there is no file. */
static long hold(long fd, const struct stat *st)
{
    struct stat now;
    long err = sf_leftover_lock(fd, F_RDLCK);
    if (!sf_leftover_is(fd, st)) {
        sf_leftover_lock(fd, F_UNLCK);
        return -EBADF;
    }
    if (!err && SF_SYS(SYS_newfstatat, fd, "", &now, AT_EMPTY_PATH, 0, 0) == 0 && !now.st_nlink)
        return -EAGAIN;
    return err == -EINVAL ? 0 : err; /* nobody has such locks here, and nobody removes */
}

/* What must be there before the first record: the head, the ring's first piece, and where the first free entry of each
 * table is looked for: even a look makes a page exist. */
static long populate(long fd, uint64_t total, struct sf_status *s, char *ring)
{
    long err = SF_SYS(SYS_madvise, s, HEAD, MADV_POPULATE_WRITE, 0, 0, 0);
    if (err == -EINVAL)
        return SF_SYS(SYS_fallocate, fd, 0, 0, total, 0, 0);
    if (!err)
        err = present(NULL, ring, SF_LEAST_RECORDS * sizeof(struct sf_record));
    if (!err)
        err = present(s, s->module, SF_NEXT_ENTRY);
    if (!err)
        err = present(s, &s->stat[SF_STATS_HANDLERS], SF_NEXT_ENTRY);
    return err ? err : present(s, s->finding, SF_NEXT_ENTRY);
}

/* The parts behind the head that are in use, entry by entry: to touch them all would make them all exist. */
static long copy_tail(struct sf_status *to)
{
    const struct sf_status *from = &sigferry_status;
    long err = 0;
    for (int i = 0; !err && i < SF_MODULES && from->module[i].begin; i++) {
        err = present(to, &to->module[i], sizeof to->module[i] + SF_NEXT_ENTRY);
        if (!err)
            to->module[i] = from->module[i];
    }
    for (int i = SF_STATS_HANDLERS; !err && i < SF_STATS && from->stat[i].state; i++) {
        err = present(to, &to->stat[i], sizeof to->stat[i] + SF_NEXT_ENTRY);
        if (!err)
            to->stat[i] = from->stat[i];
    }
    return err;
}

static void describe(struct sf_status *s, uint32_t records, const struct sf_record *ring)
{
    struct sf_text t;
    s->file_errno = 0;
    s->ppid = (int32_t)SF_SYS(SYS_getppid, 0, 0, 0, 0, 0, 0);
    s->uid = (uint32_t)SF_SYS(SYS_geteuid, 0, 0, 0, 0, 0, 0);
    SF_SYS(SYS_prctl, 16 /* PR_GET_NAME */, s->comm, 0, 0, 0, 0);
    s->records = records;
    s->record_size = sizeof *ring;
    s->ring = (uintptr_t)ring;
    s->next = 0;
    s->realtime_ns = (int64_t)(now_of(CLOCK_REALTIME) - now_of(CLOCK_MONOTONIC));
    sf_text_start(&t, s->file, sizeof s->file);
    sf_text_add(&t, path);
    __atomic_store_n(&s->in_file, 1, __ATOMIC_RELEASE); /* last: a reader waits for it */
}

/* Beyond RLIMIT_FSIZE the kernel does not just refuse to make a file longer: it sends SIGXFSZ, and the program ends. */
static int may_be_as_long(uint64_t size)
{
    struct rlimit64 limit;
    return SF_SYS(SYS_prlimit64, 0, RLIMIT_FSIZE, NULL, &limit, 0, 0) != 0 || size <= limit.rlim_cur;
}

/* From the descriptor to the ring in use. 0 or -errno. */
static long take_over(long fd, uint32_t records)
{
    const uint64_t head_size = sizeof(struct sf_status), ring_size = (uint64_t)records * sizeof(struct sf_record);
    long head, ring, err;
    struct stat st;

    if (SF_SYS(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH, 0, 0) != 0)
        return -EBADF;
    if (!may_be_as_long(head_size + ring_size))
        return -EFBIG;
    err = hold(fd, &st);
    if (err)
        return err;
    err = SF_SYS(SYS_truncate, path, head_size + ring_size, 0, 0, 0, 0);
    if (err)
        return err;
    head = map(fd, head_size, 0);
    if (head < 0 && head > -4096)
        return head;
    ring = map(fd, ring_size, head_size);
    if (ring < 0 && ring > -4096)
        err = ring;
    else if (!sf_leftover_is(fd, &st))
        err = -EBADF;
    else
        err = populate(fd, head_size + ring_size, (struct sf_status *)head, (char *)ring);
    if (!err)
        err = copy_tail((struct sf_status *)head);
    if (!err) {
        /* Not for forked children: they would write into the parent's. */
        SF_SYS(SYS_madvise, ring, ring_size, MADV_DONTFORK, 0, 0, 0);
        memcpy((void *)head, &sigferry_status, HEAD);
        describe((struct sf_status *)head, records, (struct sf_record *)ring);
        err = SF_SYS(SYS_mremap, head, head_size, head_size, MREMAP_MAYMOVE | MREMAP_FIXED, &sigferry_status, 0);
        err = err < 0 && err > -4096 ? err : 0;
    }
    if (err) {
        SF_SYS(SYS_munmap, head, head_size, 0, 0, 0, 0);
        if (ring > 0 || ring < -4095)
            SF_SYS(SYS_munmap, ring, ring_size, 0, 0, 0, 0);
        return err;
    }
    mapped_ring = (struct sf_record *)ring;
    mapped_size = ring_size;
    sf_ring_ready = SF_LEAST_RECORDS;
    sf_ring_place = mapped_ring;
    __atomic_store_n(&sf_ring_mask, records - 1, __ATOMIC_RELEASE); /* last: see sf_record_open */
    return sf_leftover_is(fd, &st) ? 0 : 1;
}

static long make(void)
{
    struct sf_text t;
    long err, fd;
    directory = 0;
    if (getauxval(AT_PAGESZ) != SF_PAGE)
        return -ENOTSUP;
    err = find_directory(&t);
    if (err)
        return err;
    directory = t.used;
    fd = open_file(&t);
    if (fd < 0)
        return fd;
    err = take_over(fd, config->records);
    if (err < 0)
        SF_SYS(SYS_unlinkat, AT_FDCWD, path, 0, 0, 0, 0);
    if (err <= 0) /* 1: the number is somebody else's by now */
        sys_close((int)fd);
    return err < 0 ? err : 0;
}

int sf_file_make(void)
{
    sf_set all = ~(SF_SET_FAULTS), old;
    uint32_t none = SF_FILE_NONE;
    long err;

    if (!__atomic_compare_exchange_n(&sf_file_state, &none, SF_FILE_MAKING, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
        return sf_file_state == SF_FILE_DONE ? 0 : -EBUSY;
    /* A handler that came now would record into the library's own ring, and nobody would look there. */
    sys_sigprocmask(SIG_SETMASK, &all, &old);
    err = make();
    if (err == -EAGAIN)
        err = make();
    if (err)
        sigferry_status.file_errno = (uint32_t)-err;
    __atomic_store_n(&sf_file_state, err ? SF_FILE_FAILED : SF_FILE_DONE, __ATOMIC_SEQ_CST);
    /* Last, for others can record meanwhile; and not in a directory that is a command's, which removes itself. */
    if (directory && !config->rings[0])
        sf_leftover_clear(path, directory);
    sys_sigprocmask(SIG_SETMASK, &old, NULL);
    return (int)err;
}

void sf_file_settle(void)
{
    int err = 0;
    if (sf_file_settled)
        return;
    sf_file_make();
    if (sf_file_state == SF_FILE_DONE) {
        err = sf_file_pages(sigferry_status.module, TAIL);
        if (!err)
            err = sf_file_pages(mapped_ring, mapped_size);
        if (!err)
            sf_ring_ready = ~(uint64_t)0;
    }
    sf_file_settled = err ? 2 : 1;
}

/* ---- the process ---- */

void sf_file_begin(const struct sf_config *c)
{
    config = c;
    owner = sys_getpid();
    sigferry_status.record_size = sizeof(struct sf_record);
    sigferry_status.records = SF_STATIC_RECORDS;
    sigferry_status.ring = (uintptr_t)sf_ring_static;
    sigferry_status.control.trace = c->trace != 0;
    sf_file_state = SF_FILE_NONE;
    /* Last: from now on the command may write the controls. */
    __atomic_store_n(&sigferry_status.began_ns, now_of(CLOCK_MONOTONIC), __ATOMIC_RELEASE);
}

/* What a child keeps of the head: all but numbers, which begin at 0. */
static char kept[offsetof(struct sf_status, thread)];

static void begin_numbers(struct sf_status *s)
{
    uint64_t errors = s->counter[SF_COUNT_CONFIG_ERRORS];
    memset(s->counter, 0, sizeof s->counter);
    s->counter[SF_COUNT_CONFIG_ERRORS] = errors;
    s->next = 0;
    for (int i = 0; i < 65; i++) {
        struct sf_row *row = &s->row[i];
        if (!(row->arrived | row->replayed | row->forced)) /* the page may stay shared with the parent */
            continue;
        row->arrived = row->replayed = row->forced = 0;
        memset(row->from, 0, sizeof row->from);
    }
}

/* A child's own memory for the parts behind the head, all zero. A sandbox that allows any memory allows to map it. */
static void begin_tail(struct sf_status *s)
{
    if (sf_file_settled || SF_SYS(SYS_madvise, s->module, TAIL, MADV_DONTNEED, 0, 0, 0) != 0)
        SF_SYS(SYS_mmap, s->module, TAIL, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

void sf_file_child(void)
{
    struct sf_status *s = &sigferry_status;
    int pid = sys_getpid(), used;

    if (pid == owner)
        return;
    owner = pid;
    used = s->next || s->counter[SF_COUNT_ARRIVED] || s->counter[SF_COUNT_REPLAYED];

    sf_ring_mask = SF_STATIC_RECORDS - 1;
    sf_ring_place = sf_ring_static;
    sf_ring_ready = ~(uint64_t)0;
    if (sf_file_state == SF_FILE_DONE || sf_file_state == SF_FILE_MAKING) {
        memcpy(kept, s, sizeof kept);
        SF_SYS(SYS_mmap, s, sizeof *s, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        memcpy(s, kept, sizeof kept);
        begin_numbers(s);
        sf_stat_made = 0;
        s->in_file = 0;
        s->file[0] = 0;
        s->realtime_ns = 0;
        s->records = SF_STATIC_RECORDS;
        s->ring = (uintptr_t)sf_ring_static;
    } else if (used) {
        if (s->next)
            memset(sf_ring_static, 0, sizeof sf_ring_static);
        begin_numbers(s);
        begin_tail(s);
        sf_stat_made = 0;
    }
    s->ended = 0;
    s->pid = pid;
    sf_file_state = config && !sf_file_settled ? SF_FILE_NONE : SF_FILE_FAILED;
}
