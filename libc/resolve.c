/* context: handler
 *
 * Finding the real functions. dlsym(RTLD_NEXT) would give the same answers, but it takes the loader's lock
 * and may allocate: it could not be called inside malloc, nor from a signal handler. Looking at the loaded
 * objects' own hash tables takes no lock, no memory and no system call, so a wrapper may do it at its first
 * call, wherever that is, and the program's start does not pay for three hundred look-ups.
 *
 * The objects of the program's start are never unloaded and their part of the list never changes; libc, in
 * which every search ends, is among them.
 */
#include "libc/libc.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <sys/auxv.h>

struct object {
    uintptr_t base;
    const ElfW(Sym) *symbols;
    const char *strings;
    const uint16_t *versions;
    const uint32_t *gnu_hash;
    const uint32_t *sysv_hash;
};

/* glibc adds the base to the addresses in a dynamic section, unless the section is read-only (the vDSO's);
 * other libcs never do. */
static const void *address(const struct link_map *map, uintptr_t value)
{
    return (const void *)(value < map->l_addr ? value + map->l_addr : value);
}

static void describe(struct object *o, const struct link_map *map)
{
    *o = (struct object){.base = map->l_addr};
    for (const ElfW(Dyn) *d = map->l_ld; d && d->d_tag != DT_NULL; d++) {
        const void *at = address(map, d->d_un.d_ptr);
        switch (d->d_tag) {
        case DT_SYMTAB: o->symbols = at; break;
        case DT_STRTAB: o->strings = at; break;
        case DT_VERSYM: o->versions = at; break;
        case DT_GNU_HASH: o->gnu_hash = at; break;
        case DT_HASH: o->sysv_hash = at; break;
        }
    }
}

static int same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

/* Is symbol number i a definition of `name`, in its default version (the others have the top bit set)? */
static int matches(const struct object *o, uint32_t i, const char *name)
{
    const ElfW(Sym) *s = &o->symbols[i];
    unsigned type = ELF64_ST_TYPE(s->st_info);

    if (s->st_shndx == SHN_UNDEF || ELF64_ST_BIND(s->st_info) == STB_LOCAL)
        return 0;
    if (type != STT_FUNC && type != STT_NOTYPE && type != STT_GNU_IFUNC)
        return 0;
    if (o->versions && (o->versions[i] & 0x8000 || o->versions[i] == 0))
        return 0;
    return same(o->strings + s->st_name, name);
}

static uint32_t find_gnu(const struct object *o, const char *name)
{
    const uint32_t *table = o->gnu_hash;
    uint32_t buckets = table[0], first = table[1], words = table[2], shift = table[3], hash = 5381;
    const ElfW(Addr) *bloom = (const ElfW(Addr) *)(table + 4);
    const uint32_t *bucket = (const uint32_t *)(bloom + words);
    const uint32_t *chain = bucket + buckets;
    unsigned bits = sizeof *bloom * 8;

    for (const char *c = name; *c; c++)
        hash = hash * 33 + (unsigned char)*c;
    if (!buckets || !words)
        return 0;
    ElfW(Addr) word = bloom[hash / bits % words];
    if (!(word >> hash % bits & word >> (hash >> shift) % bits & 1))
        return 0;
    for (uint32_t i = bucket[hash % buckets]; i >= first && i != 0; i++) {
        if (((chain[i - first] ^ hash) >> 1) == 0 && matches(o, i, name))
            return i;
        if (chain[i - first] & 1)
            break;
    }
    return 0;
}

static uint32_t find_sysv(const struct object *o, const char *name)
{
    const uint32_t *table = o->sysv_hash;
    uint32_t buckets = table[0], hash = 0;

    for (const char *c = name; *c; c++) {
        hash = (hash << 4) + (unsigned char)*c;
        hash ^= hash >> 24 & 0xf0;
        hash &= 0x0fffffff;
    }
    if (!buckets)
        return 0;
    for (uint32_t i = table[2 + hash % buckets]; i != 0; i = table[2 + buckets + i])
        if (matches(o, i, name))
            return i;
    return 0;
}

/* This library's own entry in the loader's list, from which the search goes on. */
static const struct link_map *own_map(void)
{
    static const struct link_map *own;
    const struct link_map *map = __atomic_load_n(&own, __ATOMIC_RELAXED);

    if (map)
        return map;
    for (map = _r_debug.r_map; map; map = map->l_next)
        if (map->l_ld == _DYNAMIC)
            break;
    __atomic_store_n(&own, map, __ATOMIC_RELAXED);
    return map;
}

static long missing(void)
{
    errno = ENOSYS;
    return 0;
}

/* Handler context. */
size_t sf_libc_number(const struct link_map *map, long tag)
{
    for (const ElfW(Dyn) *d = map->l_ld; d->d_tag != DT_NULL; d++)
        if (d->d_tag == tag)
            return d->d_un.d_val;
    return 0;
}

/* Handler context. */
const void *sf_libc_section(const struct link_map *map, long tag)
{
    uintptr_t at = sf_libc_number(map, tag);
    return at ? address(map, at) : NULL;
}

/* Handler context. */
void *sf_libc_in(const struct link_map *map, const char *name)
{
    struct object o;
    uint32_t i = 0;
    uintptr_t at;
    describe(&o, map);
    if (!o.symbols || !o.strings)
        return NULL;
    if (o.gnu_hash)
        i = find_gnu(&o, name);
    else if (o.sysv_hash)
        i = find_sysv(&o, name);
    if (!i)
        return NULL;
    at = o.base + o.symbols[i].st_value;
    /* Another preloaded library may choose its implementation at run time, from the processor's abilities
     * (x86_64 resolvers take no argument and ignore it). */
    if (ELF64_ST_TYPE(o.symbols[i].st_info) == STT_GNU_IFUNC)
        at = ((uintptr_t(*)(unsigned long))at)(getauxval(AT_HWCAP));
    return (void *)at;
}

/* Handler context. */
void *sf_libc_find(const char *name)
{
    const struct link_map *map = own_map();
    for (map = map ? map->l_next : NULL; map; map = map->l_next) {
        void *found = sf_libc_in(map, name);
        if (found)
            return found;
    }
    return NULL;
}

/* Handler context. */
void *sf_libc_resolve(const char *name)
{
    void *found = sf_libc_find(name);
    return found ? found : (void *)missing;
}

/* Setup context. */
const struct link_map *sf_libc_map(const void *function)
{
    const struct link_map *in = NULL;
    for (const struct link_map *map = _r_debug.r_map; map; map = map->l_next)
        if (map->l_addr <= (uintptr_t)function && (!in || map->l_addr > in->l_addr))
            in = map;
    return in;
}

/* Setup context. */
void *sf_libc_beside(const void *function, const char *name)
{
    const struct link_map *in = sf_libc_map(function);
    return in ? sf_libc_in(in, name) : NULL;
}

/* Setup context. */
void *sf_libc_vdso(const char *name)
{
    uintptr_t head = getauxval(AT_SYSINFO_EHDR);
    for (const struct link_map *map = _r_debug.r_map; head && map; map = map->l_next)
        if ((uintptr_t)map->l_ld - head < 16384)
            return sf_libc_in(map, name);
    return NULL;
}
