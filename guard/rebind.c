/* context: thread
 *
 * Objects that were loaded with RTLD_DEEPBIND (PHP's and Samba's modules are) look into what they need themselves, libc, before
 * they come to us: what they call would pass us by. Everything else about their scope stays as it is; only where a reference
 * has led to libc's function, or will, and we have one of that name, it leads to ours.
 *
 * dlopen asks who calls it, so nothing of ours can stand behind it: it is done when the thread next comes to the loader,
 * and that is at once, since what was loaded is to be looked up.
 */
#include "base/syscall.h"
#include "guard/guard.h"
#include "libc/libc.h"
#include "sf_guard.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/mman.h>

/* An object that is loaded: what can be found out without the loader's own tables. */
struct loaded {
    struct link_map map; /* l_addr and l_ld alone */
    uintptr_t low, high;
    uintptr_t sealed_low, sealed_high; /* made read-only once it was relocated */
};

struct search {
    unsigned from, at; /* objects of the list before `from` were there before */
    void (*each)(struct search *, const struct loaded *);
    const char *symbol;
    int found;
};

typedef int (*iterate_fn)(int (*)(struct dl_phdr_info *, size_t, void *), void *);

/* This thread has called dlopen with RTLD_DEEPBIND: so many objects there were before, and one. */
static __thread unsigned before __attribute__((tls_model("initial-exec")));

#define PAGE 4095ul

static void describe(struct loaded *o, const struct dl_phdr_info *info)
{
    *o = (struct loaded){.map.l_addr = info->dlpi_addr, .low = ~(uintptr_t)0};
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        uintptr_t low = info->dlpi_addr + p->p_vaddr, high = low + p->p_memsz;
        if (p->p_type == PT_LOAD) {
            o->low = low < o->low ? low : o->low;
            o->high = high > o->high ? high : o->high;
        } else if (p->p_type == PT_DYNAMIC) {
            o->map.l_ld = (ElfW(Dyn) *)low;
        } else if (p->p_type == PT_GNU_RELRO) { /* whole pages of it, as the loader does */
            o->sealed_low = low & ~PAGE;
            o->sealed_high = high & ~PAGE;
        }
    }
}

static int one(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct search *s = arg;
    struct loaded o;
    if (s->at++ < s->from || !s->each)
        return 0;
    describe(&o, info);
    if (o.map.l_ld)
        s->each(s, &o);
    return 0;
}

static void walk(struct search *s)
{
    iterate_fn iterate = (iterate_fn)sf_libc_resolve("dl_iterate_phdr");
    iterate(one, s);
}

static void defines(struct search *s, const struct loaded *o)
{
    s->found |= sf_libc_in(&o->map, s->symbol) != NULL;
}

/* A reference that is not bound yet: will that be to libc? Not if something that was loaded with it defines it. */
static int will_pass(const struct search *s, const char *symbol)
{
    struct search own = {.from = s->from, .each = defines, .symbol = symbol};
    walk(&own);
    return !own.found;
}

/* Our function of that name, in either library; NULL. They are in the list from the start to the end. */
static void *ours(const char *symbol)
{
    static const struct link_map *engine, *guard;
    void *found;
    if (!engine)
        guard = sf_libc_map((const void *)sf_guard_load), engine = sf_libc_map((const void *)sigferry_guard_leave);
    found = sf_libc_in(engine, symbol);
    return found ? found : sf_libc_in(guard, symbol);
}

static void store(const struct loaded *o, uintptr_t *slot, uintptr_t value)
{
    uintptr_t page = (uintptr_t)slot & ~PAGE;
    int sealed = page >= o->sealed_low && page < o->sealed_high;
    if (sealed && SF_SYS(SYS_mprotect, page, PAGE + 1, PROT_READ | PROT_WRITE, 0, 0, 0) != 0)
        return;
    __atomic_store_n(slot, value, __ATOMIC_RELEASE); /* another thread may be calling through it */
    if (sealed)
        SF_SYS(SYS_mprotect, page, PAGE + 1, PROT_READ, 0, 0, 0);
}

/* One reference by name. */
static void rebind(const struct search *s, const struct loaded *o, uintptr_t *slot, const char *symbol)
{
    uintptr_t now = *slot, to = (uintptr_t)ours(symbol);
    if (!to || now == to)
        return;
    if (now >= o->low && now < o->high ? will_pass(s, symbol) : now == (uintptr_t)sf_libc_resolve(symbol))
        store(o, slot, to);
}

static void rebind_table(const struct search *s, const struct loaded *o, const ElfW(Rela) *r, size_t size)
{
    const ElfW(Sym) *symbols = sf_libc_section(&o->map, DT_SYMTAB);
    const char *strings = sf_libc_section(&o->map, DT_STRTAB);
    for (size_t n = r && symbols && strings ? size / sizeof *r : 0; n; n--, r++) {
        uint64_t type = ELF64_R_TYPE(r->r_info), symbol = ELF64_R_SYM(r->r_info);
        if (symbol && !r->r_addend && SF_RELOC_FUNCTION(type) && symbols[symbol].st_shndx == SHN_UNDEF)
            rebind(s, o, (uintptr_t *)(o->map.l_addr + r->r_offset), strings + symbols[symbol].st_name);
    }
}

static void each(struct search *s, const struct loaded *o)
{
    rebind_table(s, o, sf_libc_section(&o->map, DT_RELA), sf_libc_number(&o->map, DT_RELASZ));
    rebind_table(s, o, sf_libc_section(&o->map, DT_JMPREL), sf_libc_number(&o->map, DT_PLTRELSZ));
}

/* A function of the loader is about to be called, number `n` of the table: as sf_guard_seen. Thread context. */
void sf_guard_load(uint32_t n, uintptr_t first, void **slot, uintptr_t caller, uintptr_t second, uintptr_t third)
{
    uintptr_t flags = n == SF_FUNCTION_dlopen ? second : n == SF_FUNCTION_dlmopen && first == LM_ID_BASE ? third : 0;
    struct search s = {.from = before - 1, .each = each};
    sf_guard_seen(n, first, slot, caller);
    if (before) {
        before = 0;
        walk(&s);
    }
    if ((flags & (RTLD_DEEPBIND | RTLD_NOLOAD)) == RTLD_DEEPBIND) {
        s = (struct search){0};
        walk(&s);
        before = s.at + 1;
    }
}
