/* What a process holds: pages of the library that it has for itself, its private memory, descriptors (also those in a table
 * that a thread has for itself), threads, timers. No child may be there, for it would share pages. */
#ifndef MEMORY_MEASURE_H
#define MEMORY_MEASURE_H

#include "../corner/common.h"
#include <dirent.h>
#include <dlfcn.h>
#include <link.h>

#include "config/config.h"
#include "trace/format.h"

struct measure {
    long library, record, stacks, anonymous, descriptors, own_descriptors, threads, timers, areas; /* KiB the first four */
};

UNUSED long private_pages(uintptr_t low, uintptr_t high)
{
    int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    uint64_t entry;
    long n = 0;
    for (uintptr_t at = low & ~4095ul; at < high; at += 4096)
        if (pread(fd, &entry, 8, (off_t)(at / 4096 * 8)) == 8)
            /* There and only here (not the one zero page, nor a parent's), or swapped out; no file's, nor shared memory. */
            n += ((entry >> 63 && (entry >> 56 & 1)) || (entry >> 62 & 1)) && !(entry >> 61 & 1);
    close(fd);
    return n;
}

/* The pages of our libraries; those of the record (ring and head, wherever they are now) apart. */
UNUSED int count_object(struct dl_phdr_info *o, size_t size, void *to)
{
    const struct sf_status *s = dlsym(RTLD_DEFAULT, "sigferry_status");
    struct measure *m = to;
    if (!strstr(o->dlpi_name, "libsigferry") || !s)
        return 0;
    for (int i = 0; i < o->dlpi_phnum; i++) {
        uintptr_t low = o->dlpi_addr + o->dlpi_phdr[i].p_vaddr, high = low + o->dlpi_phdr[i].p_memsz;
        if (o->dlpi_phdr[i].p_type != PT_LOAD)
            continue;
        m->library += private_pages(low, high) * 4;
        if ((uintptr_t)s >= low && (uintptr_t)s < high) {
            m->record = private_pages((uintptr_t)s, (uintptr_t)(s + 1)) * 4;
            if (!s->in_file && s->ring)
                m->record += private_pages(s->ring, s->ring + (uintptr_t)s->records * s->record_size) * 4;
        }
    }
    return 0;
}

UNUSED int count_entries(const char *path)
{
    DIR *d = opendir(path);
    int n = 0;
    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n ? n - 2 : 0;
}

UNUSED long count_lines(const char *path)
{
    FILE *f = fopen(path, "r");
    long n = 0;
    for (int c; f && (c = getc(f)) != EOF;)
        n += c == '\n';
    if (f)
        fclose(f);
    return n;
}

/* The field of the area in smaps that holds `at`, or of the sum of all. */
UNUSED long smaps(const char *path, uintptr_t at, const char *field)
{
    FILE *f = fopen(path, "r");
    char line[512];
    long n = 0, inside = !at;
    while (f && fgets(line, sizeof line, f)) {
        unsigned long low, high;
        if (at && sscanf(line, "%lx-%lx ", &low, &high) == 2)
            inside = at >= low && at < high;
        if (inside && !strncmp(line, field, strlen(field)))
            n += atol(line + strlen(field));
    }
    if (f)
        fclose(f);
    return n;
}

/* Our own threads: their stacks, where these are no part of the library, and their descriptors. */
UNUSED void look_at_task(const char *tid, struct measure *m)
{
    char path[300], text[256] = "", *space;
    int fd;
    snprintf(path, sizeof path, "/proc/self/task/%s/comm", tid);
    if ((fd = open(path, O_RDONLY)) < 0)
        return;
    read(fd, text, sizeof text - 1);
    close(fd);
    if (strncmp(text, "sigferry", 8))
        return;
    snprintf(path, sizeof path, "/proc/self/task/%s/fd", tid);
    if (!strcmp(text, "sigferry\n"))
        m->own_descriptors += count_entries(path);
    snprintf(path, sizeof path, "/proc/self/task/%s/syscall", tid);
    memset(text, 0, sizeof text);
    if (strcmp(text, "sigferry\n") && (fd = open(path, O_RDONLY)) >= 0) {
        read(fd, text, sizeof text - 1);
        close(fd);
        if ((space = strrchr(text, ' ')) != NULL) { /* ... stack pointer, program counter */
            uintptr_t sp;
            *space = 0;
            space = strrchr(text, ' ');
            sp = space ? strtoul(space, NULL, 16) : 0;
            Dl_info info;
            if (sp && !dladdr((void *)sp, &info))
                m->stacks += smaps("/proc/self/smaps", sp, "Anonymous:");
        }
    }
}

UNUSED struct measure measure_now(void)
{
    struct measure m = {0};
    struct dirent *e;
    DIR *d;
    dl_iterate_phdr(count_object, &m);
    m.library -= m.record;
    m.anonymous = smaps("/proc/self/smaps_rollup", 0, "Anonymous:") + smaps("/proc/self/smaps_rollup", 0, "Swap:");
    m.descriptors = count_entries("/proc/self/fd");
    m.threads = count_entries("/proc/self/task");
    m.timers = count_lines("/proc/self/timers");
    m.areas = count_lines("/proc/self/maps");
    if ((d = opendir("/proc/self/task")) != NULL) {
        while ((e = readdir(d)))
            if (e->d_name[0] != '.')
                look_at_task(e->d_name, &m);
        closedir(d);
    }
    return m;
}

/* Once our threads have set themselves up: with their descriptors, and none that is open for a moment only, their timer, and a
 * stack. */
UNUSED struct measure measure(void)
{
    const struct sf_status *s = dlsym(RTLD_DEFAULT, "sigferry_status");
    int helper = s && s->row[SIGUSR1].replay == SF_REPLAY_HELPER;
    struct measure m;
    AWAIT((m = measure_now(), !s || (m.own_descriptors == 2 && m.timers && (!helper || m.stacks))));
    return m;
}

UNUSED void show(const char *when, struct measure m)
{
    out("%s library=%ld record=%ld stacks=%ld anonymous=%ld descriptors=%ld own_descriptors=%ld threads=%ld timers=%ld areas=%ld\n", when,
        m.library, m.record, m.stacks, m.anonymous, m.descriptors, m.own_descriptors, m.threads, m.timers, m.areas);
}

#endif
