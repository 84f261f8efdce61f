/* context: handler
 *
 * The table of modules: what is mapped where, with the build-id that names the file whatever became of its path. Read
 * out of /proc/self/maps when an address comes up that the table does not know, so that a program's libraries need not
 * be walked under the loader's lock.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>

#include "base/syscall.h"
#include "base/sigset.h"
#include "base/text.h"
#include "trace/ring.h"

/* One line of the file. */
struct line {
    uint64_t begin, end, offset;
    int readable;
    char path[sizeof ((struct sf_module *)0)->path];
};

static uint64_t hex(const char **s)
{
    uint64_t v = 0;
    for (;; (*s)++) {
        if (**s >= '0' && **s <= '9')
            v = v << 4 | (uint64_t)(**s - '0');
        else if (**s >= 'a' && **s <= 'f')
            v = v << 4 | (uint64_t)(**s - 'a' + 10);
        else
            return v;
    }
}

/* "begin-end rwxp offset dev inode   path". 1 if it has an absolute path. */
static int parse(const char *s, struct line *l)
{
    unsigned length = 0;
    struct sf_text t;
    l->begin = hex(&s);
    if (*s++ != '-')
        return 0;
    l->end = hex(&s);
    if (*s++ != ' ')
        return 0;
    l->readable = *s == 'r';
    while (*s && *s != ' ')
        s++;
    if (*s)
        s++;
    l->offset = hex(&s);
    while (*s && *s != '/')
        s++;
    if (!*s)
        return 0;
    while (s[length])
        length++;
    if (length >= sizeof l->path)
        s += length - (sizeof l->path - 1);
    sf_text_start(&t, l->path, sizeof l->path);
    sf_text_add(&t, s);
    return 1;
}

/* The build-id out of the notes of the module whose first page is readable at m->begin. */
static void find_build_id(struct sf_module *m, uint64_t mapped)
{
    const ElfW(Ehdr) *e = (const void *)(uintptr_t)m->begin;
    const ElfW(Phdr) *p = (const void *)(uintptr_t)(m->begin + e->e_phoff);
    if (memcmp(e->e_ident, ELFMAG, SELFMAG) != 0 || e->e_phoff > mapped || e->e_phnum > 64 ||
        e->e_phoff + e->e_phnum * sizeof *p > mapped)
        return;
    for (int i = 0; i < e->e_phnum; i++) {
        uint64_t at = p[i].p_offset, end = at + p[i].p_filesz;
        if (p[i].p_type != PT_NOTE || end > mapped || end < at)
            continue;
        while (at + sizeof(ElfW(Nhdr)) <= end) {
            const ElfW(Nhdr) *n = (const void *)(uintptr_t)(m->begin + at);
            uint64_t name = at + sizeof *n, data = name + ((n->n_namesz + 3u) & ~3u);
            if (data + n->n_descsz > end || data < at)
                break;
            if (n->n_type == NT_GNU_BUILD_ID && n->n_namesz == 4 && n->n_descsz <= SF_BUILD_ID) {
                m->build_id_size = (uint8_t)n->n_descsz;
                memcpy(m->build_id, (const void *)(uintptr_t)(m->begin + data), n->n_descsz);
                return;
            }
            at = data + ((n->n_descsz + 3u) & ~3u);
        }
    }
}

static struct sf_module *find(uint64_t address)
{
    for (int i = 0; i < SF_MODULES && sigferry_status.module[i].begin; i++)
        if (address >= sigferry_status.module[i].begin && address < sigferry_status.module[i].end)
            return &sigferry_status.module[i];
    return NULL;
}

/* A file's first mapping makes an entry, its others make it longer. */
static void note(const struct line *l)
{
    struct sf_module *m;
    int used = 0;
    if (l->offset == 0 && l->readable) {
        for (int i = 0; i < SF_MODULES; i++) {
            m = &sigferry_status.module[i];
            if (m->begin == l->begin)
                return;
            if (m->begin)
                continue;
            if (sf_file_pages(m, sizeof *m + SF_NEXT_ENTRY) != 0)
                return;
            m->end = l->end;
            memcpy(m->path, l->path, sizeof m->path);
            __atomic_store_n(&m->begin, l->begin, __ATOMIC_RELEASE);
            find_build_id(m, l->end - l->begin);
            return;
        }
        sf_count(SF_COUNT_NO_MODULE);
        return;
    }
    while (used < SF_MODULES && sigferry_status.module[used].begin)
        used++;
    while (used-- > 0) {
        m = &sigferry_status.module[used];
        if (m->begin < l->begin && memcmp(m->path, l->path, sizeof m->path) == 0) {
            if (m->end < l->end)
                m->end = l->end;
            return;
        }
    }
}

void sf_module_note(uint64_t address)
{
    static volatile uint32_t busy;
    static char text[1024];
    struct line l;
    unsigned have = 0;
    long fd, n;

    if (address < SF_PAGE || sf_file_settled || find(address) || __atomic_exchange_n(&busy, 1, __ATOMIC_ACQUIRE))
        return;
    fd = sys_open("/proc/self/maps", O_RDONLY | O_CLOEXEC, 0);
    while (fd >= 0 && (n = sys_read((int)fd, text + have, sizeof text - 1 - have)) > 0) {
        char *from = text, *end;
        have += (unsigned)n;
        text[have] = 0;
        for (; (end = strchr(from, '\n')); from = end + 1) {
            *end = 0;
            memset(l.path, 0, sizeof l.path);
            if (parse(from, &l))
                note(&l);
        }
        have -= (unsigned)(from - text);
        memmove(text, from, have);
        if (have == sizeof text - 1)
            have = 0; /* a line of monstrous length */
    }
    if (fd >= 0)
        sys_close((int)fd);
    __atomic_store_n(&busy, 0, __ATOMIC_RELEASE);
}
