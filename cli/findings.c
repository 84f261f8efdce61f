/* From files to findings. A file is a stranger's: every number in it is checked before it is used. */
#include <cli/findings.h>

#include <base/text.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- names ---- */

/* Operators of C++, as the source has them. */
static const char *operator_name(const char *name)
{
    if (strncmp(name, "_Zn", 3) == 0)
        return name[3] == 'a' ? "operator new[]" : "operator new";
    if (strncmp(name, "_Zd", 3) == 0)
        return name[3] == 'a' ? "operator delete[]" : "operator delete";
    return NULL;
}

/* printf of __printf_chk, sscanf of __isoc99_sscanf: what stands in the source. */
static void plain_name(char *to, size_t size, const char from[48])
{
    char name[49];
    const char *begin = name, *other;
    size_t length;

    memcpy(name, from, 48);
    name[48] = 0;
    other = operator_name(name);
    if (other) {
        snprintf(to, size, "%s", other);
        return;
    }
    if (strncmp(begin, "__isoc", 6) == 0 && strlen(begin) > 9)
        begin += 9;
    else if (strncmp(begin, "__libc_", 7) == 0)
        begin += 7;
    else if (strncmp(begin, "_IO_", 4) == 0)
        begin += 4;
    else if (strncmp(begin, "__", 2) == 0 && strncmp(begin, "__cxa", 5) != 0)
        begin += 2;
    length = strlen(begin);
    if (length > 4 && strcmp(begin + length - 4, "_chk") == 0)
        length -= 4;
    snprintf(to, size, "%.*s", (int)length, begin);
}

/* ---- one finding ---- */

static double seconds(uint64_t ns, uint64_t began)
{
    return ns > began && began ? (double)(ns - began) / 1e9 : 0;
}

/* The frames of the handler end where we call it; ours above it, between the call and the record, do not count. */
static void handler_frames(struct sf_frames *f)
{
    int from = 0, to, kept = 0;

    while (from < f->count && sf_place_ours(&f->place[from]) == 1)
        from++;
    while (from < f->count && sf_place_ours(&f->place[from]) == 2)
        from++;
    for (to = from; to < f->count && sf_place_ours(&f->place[to]) != 1; to++)
        ;
    for (int i = 0; i < f->count; i++) {
        if (i >= from && i < to)
            f->place[kept++] = f->place[i];
        else
            sf_place_free(&f->place[i]);
    }
    f->count = kept;
}

/* Of an interrupted thread all frames but ours. Where those are on top, the program has called us: the last of them
 * bears the name of the call. */
static void other_frames(struct sf_frames *f, char *call, size_t size)
{
    int kept = 0, top = 0;

    while (top < f->count && sf_place_ours(&f->place[top]))
        top++;
    if (top && top < f->count && !*call && f->place[top - 1].symbol)
        snprintf(call, size, "%s", f->place[top - 1].symbol + strspn(f->place[top - 1].symbol, "_"));

    for (int i = 0; i < f->count; i++) {
        if (!sf_place_ours(&f->place[i]))
            f->place[kept++] = f->place[i];
        else
            sf_place_free(&f->place[i]);
    }
    f->count = kept;
}

static int same_place(const struct sf_place *a, const struct sf_place *b)
{
    const char *one = a->object ? a->object : "", *two = b->object ? b->object : "";
    const char *here = a->symbol ? a->symbol : "", *there = b->symbol ? b->symbol : "";

    return a->offset == b->offset && !strcmp(one, two) && !strcmp(here, there);
}

/* What the handler does counts once, wherever its signal came; what met what counts for each pair. */
static int same(const struct sf_found *a, const struct sf_found *b)
{
    int anywhere = !sf_kind_meets(a->kind);

    return a->kind == b->kind && a->signo == b->signo && (anywhere || a->verdict == b->verdict) && a->fd == b->fd &&
           !strcmp(a->called, b->called) && (anywhere || !strcmp(a->inside, b->inside)) && same_place(&a->handler, &b->handler) &&
           same_place(&a->called_at, &b->called_at) && (a->handler_at != 0) == (b->handler_at != 0);
}

static void free_one(struct sf_found *f)
{
    sf_place_free(&f->handler);
    sf_place_free(&f->called_at);
    for (int i = 0; i < f->by.count; i++)
        sf_place_free(&f->by.place[i]);
    for (int i = 0; i < f->at.count; i++)
        sf_place_free(&f->at.place[i]);
}

/* What happened tells more than what was averted, and that more than what may be. */
static int weight(int verdict)
{
    return verdict == SF_VERDICT_NATIVE ? 2 : verdict == SF_VERDICT_AVERTED;
}

static void absorb(struct sf_found *into, struct sf_found *f)
{
    struct sf_found keep = *into;
    uint64_t count = into->count + f->count;
    double first = into->first_s < f->first_s ? into->first_s : f->first_s;
    double last = into->last_s > f->last_s ? into->last_s : f->last_s;

    if (weight(f->verdict) > weight(into->verdict)) {
        *into = *f;
        *f = keep;
    }
    into->count = count;
    into->first_s = first;
    into->last_s = last;
    free_one(f);
}

/* Add to the list, or to the count of an equal one. 0 or -ENOMEM. */
static int merge(struct sf_findings *all, struct sf_found *f)
{
    struct sf_found *more;

    for (size_t i = 0; i < all->count; i++)
        if (same(&all->found[i], f)) {
            absorb(&all->found[i], f);
            return 0;
        }
    more = realloc(all->found, (all->count + 1) * sizeof *more);
    if (!more) {
        free_one(f);
        return -ENOMEM;
    }
    all->found = more;
    all->found[all->count++] = *f;
    return 0;
}

/* Those that are about a call of the program's own, outside of handlers. */
static int none_called(const struct sf_found *f)
{
    return !f->called[0] && !f->by.count;
}

static int read_one(struct sf_findings *all, const struct sf_status *s, const struct sf_finding *finding, struct sf_places *places)
{
    const struct sf_finding_head *from = &finding->head;
    char ignored[sizeof ((struct sf_found *)0)->called] = "";
    struct sf_found f;

    memset(&f, 0, sizeof f);
    f.kind = from->kind;
    f.signo = from->signo;
    f.verdict = from->verdict;
    f.fd = from->fd;
    f.pid = s->pid;
    f.tid = from->tid;
    memcpy(f.comm, s->comm, sizeof f.comm - 1);
    f.count = from->count;
    f.first_s = seconds(from->first_ns, s->began_ns);
    f.last_s = seconds(from->last_ns, s->began_ns);
    memcpy(f.value, from->value, sizeof f.value);
    snprintf(f.shot, sizeof f.shot, "%.48s", from->shot);
    f.shot_count = from->shot_count;
    f.shot_at = from->shot_at;
    f.handler_at = from->handler > 1 ? from->handler : 0;
    plain_name(f.called, sizeof f.called, from->called);
    plain_name(f.inside, sizeof f.inside, from->inside);
    if (f.handler_at)
        sf_place_find(places, f.handler_at, 0, &f.handler);
    if (from->called_pc)
        sf_place_find(places, from->called_pc, 1, &f.called_at);
    f.by.count = sf_places_unwind(places, &finding->handler_stack, f.by.place);
    handler_frames(&f.by);
    f.at.count = sf_places_unwind(places, &finding->inside_stack, f.at.place);
    other_frames(&f.at, none_called(&f) ? f.called : ignored, sizeof f.called);
    return merge(all, &f);
}

/* ---- one file ---- */

static int sound(const struct sf_status *s, size_t size)
{
    return size >= sizeof *s && !memcmp(s->magic, SF_FORMAT_MAGIC, sizeof s->magic) && s->version == SF_FORMAT_VERSION &&
           s->size == sizeof *s;
}

/* All of it at once: the process may go on writing meanwhile. */
static struct sf_status *load(const char *path, int *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct sf_status *s = NULL;
    size_t got = 0;
    struct stat st;
    ssize_t n = 1;

    *err = 0;
    if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        *err = fd < 0 ? -errno : -EINVAL;
    } else if (!(s = aligned_alloc(SF_PAGE, sizeof *s))) {
        *err = -ENOMEM;
    } else {
        while (got < sizeof *s && (n = read(fd, (char *)s + got, sizeof *s - got)) > 0)
            got += (size_t)n;
        if (n < 0)
            *err = -errno;
        else if (!sound(s, got))
            *err = -EPROTO;
    }
    if (fd >= 0)
        close(fd);
    if (*err) {
        free(s);
        s = NULL;
    }
    return s;
}

static int read_file(struct sf_findings *all, const char *path)
{
    struct sf_places *places = NULL;
    int err;
    struct sf_status *s = load(path, &err);

    if (!s)
        return err;
    s->comm[sizeof s->comm - 1] = 0;
    s->module[SF_MODULES - 1].begin = 0;
    all->processes++;
    all->no_room += s->counter[SF_COUNT_NO_FINDING];
    for (int i = 0; i < SF_FINDINGS && !err && s->finding[i].head.state; i++) {
        const struct sf_finding_head *f = &s->finding[i].head;

        if (f->state != 2 || !sf_kind_name(f->kind) || !f->count || f->signo > 64)
            continue;
        if (!places)
            places = sf_places_open(s);
        err = places ? read_one(all, s, &s->finding[i], places) : -ENOMEM;
    }
    if (s->pid > 0 && !s->ended && !kill(s->pid, 0))
        all->alive++;
    sf_places_close(places);
    free(s);
    return err;
}

int sf_findings_read(struct sf_findings *all, const char *path)
{
    struct dirent *entry;
    struct stat st;
    int err = 0;
    DIR *dir;

    if (stat(path, &st))
        return -errno;
    if (!S_ISDIR(st.st_mode))
        return read_file(all, path);
    dir = opendir(path);
    if (!dir)
        return -errno;
    while (!err && (entry = readdir(dir))) {
        char file[4096];
        size_t n = strlen(entry->d_name);

        if (n < 6 || strcmp(entry->d_name + n - 5, ".ring") ||
            snprintf(file, sizeof file, "%s/%s", path, entry->d_name) >= (int)sizeof file)
            continue;
        err = read_file(all, file);
        if (err == -EPROTO || err == -ENOENT) /* not whole yet: its process was ended while it made the file */
            err = 0;
    }
    closedir(dir);
    return err;
}

/* ---- the list ---- */

/* The worst first, then what came first. */
static int order(const void *a, const void *b)
{
    const struct sf_found *one = a, *two = b;
    int level = (int)sf_found_level(two) - (int)sf_found_level(one);

    if (level)
        return level;
    if ((one->verdict == SF_VERDICT_POTENTIAL) != (two->verdict == SF_VERDICT_POTENTIAL))
        return one->verdict == SF_VERDICT_POTENTIAL ? 1 : -1;
    return one->first_s < two->first_s ? -1 : one->first_s > two->first_s;
}

void sf_findings_sort(struct sf_findings *all)
{
    if (all->count)
        qsort(all->found, all->count, sizeof *all->found, order);
}

void sf_findings_free(struct sf_findings *all)
{
    for (size_t i = 0; i < all->count; i++)
        free_one(&all->found[i]);
    free(all->found);
    memset(all, 0, sizeof *all);
}
