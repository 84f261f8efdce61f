/* Finding `sigferry_status` in another process.
 *
 * Everything is read from its memory: the ELF header where the library is mapped, its dynamic section, its symbols.
 * The file itself is not needed, which may be deleted, replaced by a newer one, or in another mount namespace.
 */
#include <cli/status.h>

#include <errno.h>
#include <link.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

enum { LARGEST_TABLE = 1 << 20 };

static const char library[] = "/libsigferry.so", symbol[] = "sigferry_status";

/* All or nothing. */
static int copy(pid_t pid, uintptr_t address, void *to, size_t size)
{
    struct iovec here = { to, size }, there = { (void *)address, size };
    ssize_t n = process_vm_readv(pid, &here, 1, &there, 1, 0);

    if (n < 0)
        return -errno;
    return (size_t)n == size ? 0 : -EFAULT;
}

static int names_library(char *line)
{
    static const char deleted[] = " (deleted)";
    size_t n = strlen(line), d = strlen(deleted), l = strlen(library);

    while (n && line[n - 1] == '\n')
        line[--n] = 0;
    if (n > d && !strcmp(line + n - d, deleted))
        line[n -= d] = 0;
    return n > l && !strcmp(line + n - l, library);
}

/* Where the first byte of the file is mapped. */
static int find_library(pid_t pid, uintptr_t *base)
{
    char path[64], *line = NULL;
    size_t size = 0;
    int err = -ENOENT;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    f = fopen(path, "re");
    if (!f)
        return errno == ENOENT ? -ESRCH : -errno;
    errno = 0;
    while (err && getline(&line, &size, f) > 0) {
        unsigned long start, offset;

        if (sscanf(line, "%lx-%*x %*s %lx", &start, &offset) == 2 && !offset && names_library(line)) {
            *base = start;
            err = 0;
        }
    }
    if (err && ferror(f))
        err = errno ? -errno : -ESRCH;
    free(line);
    fclose(f);
    return err;
}

struct tables {
    uintptr_t symbols, strings;
    size_t string_size;
};

/* glibc adds the base to these addresses when it loads a library, musl does not. */
static uintptr_t absolute(uintptr_t base, uintptr_t address)
{
    return address < base ? base + address : address;
}

static int find_tables(pid_t pid, uintptr_t base, struct tables *t)
{
    ElfW(Ehdr) header;
    ElfW(Phdr) p;
    ElfW(Dyn) d;
    uintptr_t dynamic = 0;
    int err = copy(pid, base, &header, sizeof header);

    if (err)
        return err;
    if (memcmp(header.e_ident, ELFMAG, SELFMAG) || header.e_phentsize != sizeof p)
        return -ENOEXEC;
    for (unsigned i = 0; i < header.e_phnum && !err; i++) {
        err = copy(pid, base + header.e_phoff + i * sizeof p, &p, sizeof p);
        if (!err && p.p_type == PT_DYNAMIC)
            dynamic = base + p.p_vaddr;
    }
    memset(t, 0, sizeof *t);
    for (unsigned i = 0; dynamic && !err && i < 256; i++) {
        err = copy(pid, dynamic + i * sizeof d, &d, sizeof d);
        if (err || d.d_tag == DT_NULL)
            break;
        if (d.d_tag == DT_SYMTAB)
            t->symbols = absolute(base, d.d_un.d_ptr);
        else if (d.d_tag == DT_STRTAB)
            t->strings = absolute(base, d.d_un.d_ptr);
        else if (d.d_tag == DT_STRSZ)
            t->string_size = d.d_un.d_val;
    }
    return err;
}

/* Nothing tells the number of symbols but their hash table; yet linkers put the strings right behind them. */
static int find_symbol(pid_t pid, uintptr_t base, uintptr_t *address)
{
    struct tables t;
    ElfW(Sym) *symbols = NULL;
    char *strings = NULL;
    int err = find_tables(pid, base, &t);
    size_t size;

    if (err)
        return err;
    if (!t.symbols || t.strings <= t.symbols || t.strings - t.symbols > LARGEST_TABLE ||
        t.string_size > LARGEST_TABLE || t.string_size < sizeof symbol)
        return -ENOEXEC;
    size = t.strings - t.symbols;
    symbols = malloc(size);
    strings = malloc(t.string_size);
    err = symbols && strings ? 0 : -ENOMEM;
    if (!err)
        err = copy(pid, t.symbols, symbols, size);
    if (!err)
        err = copy(pid, t.strings, strings, t.string_size);
    if (!err) {
        err = -ENOEXEC;
        for (size_t i = 0; err && i < size / sizeof *symbols; i++)
            if (symbols[i].st_shndx && symbols[i].st_name <= t.string_size - sizeof symbol &&
                !memcmp(strings + symbols[i].st_name, symbol, sizeof symbol)) {
                *address = base + symbols[i].st_value;
                err = 0;
            }
    }
    free(symbols);
    free(strings);
    return err;
}

/* Rows of threads out of the live lanes. What cannot be read, or makes no sense, gives no row. */
static void read_threads(pid_t pid, struct sf_status *s)
{
    unsigned char lane[2048];
    uint32_t high = 0, state, rows = 0;
    const uint32_t last = s->lane_size - 8;

    if (s->lane_size < 16 || s->lane_size > sizeof lane || s->at_state > last || s->at_tid > last ||
        s->at_point > last || s->at_mask > last || s->at_held > last || copy(pid, s->lane_high, &high, sizeof high))
        return;
    for (uint32_t i = 0; i < high && i < 65536 && rows < SF_THREAD_ROWS; i++) {
        struct sf_thread_row *row = &s->thread[rows];
        if (copy(pid, s->lanes + (uint64_t)i * s->lane_size, lane, s->lane_size))
            return;
        memcpy(&state, lane + s->at_state, sizeof state);
        if (state != 2)
            continue;
        memcpy(&row->tid, lane + s->at_tid, sizeof row->tid);
        memcpy(&row->point, lane + s->at_point, sizeof row->point);
        memcpy(&row->mask, lane + s->at_mask, sizeof row->mask);
        memcpy(&row->held, lane + s->at_held, sizeof row->held);
        rows++;
    }
}

int sf_status_copy(pid_t pid, uintptr_t address, void *to, size_t size)
{
    return copy(pid, address, to, size);
}

int sf_status_find(pid_t pid, uintptr_t *address)
{
    uintptr_t base = 0;
    int err = find_library(pid, &base);

    return err ? err : find_symbol(pid, base, address);
}

int sf_status_read(pid_t pid, struct sf_status *s)
{
    static const char magic[sizeof s->magic] = SF_FORMAT_MAGIC, none[sizeof s->magic];
    size_t head = offsetof(struct sf_status, pid);
    uintptr_t address = 0;
    int err = sf_status_find(pid, &address);

    memset(s, 0, offsetof(struct sf_status, module));
    if (!err)
        err = copy(pid, address, s, head);
    if (err)
        return err;
    if (!memcmp(s->magic, none, sizeof none))
        return -EAGAIN;
    if (memcmp(s->magic, magic, sizeof magic) || s->version != SF_FORMAT_VERSION || s->size != sizeof *s)
        return -EPROTO;
    err = copy(pid, address, s, offsetof(struct sf_status, module));
    if (!err)
        read_threads(pid, s);
    return err;
}
