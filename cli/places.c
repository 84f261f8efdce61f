/* The modules are reported to libdwfl where they were mapped, and it reads their files: symbol tables, unwind tables, and
 * debug information, also where that lies in separate files (found by build-id, as debuggers do). The stack is what was
 * copied: memory outside of it reads as absent, and the unwinding ends there. */
#include <cli/places.h>

#include <base/text.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct sf_places {
    Dwfl *dwfl;
    Dwfl_Callbacks callbacks;
    const struct sf_stack *stack; /* while it is being unwound */
    Elf *machine;                 /* any module: which machine it is */
    int attached;                 /* to what p->stack is, each time anew */
    int said;                     /* the one thread has been named */
};

static int no_file(Dwfl_Module *module, void **user, const char *name, Dwarf_Addr base, char **file, Elf **elf)
{
    return -1; /* all files were given */
}

/* Where the first byte of the file would be if it were linked at 0: for programs that are not, their own address. */
static int load_bias(int fd, uint64_t begin, GElf_Addr *bias)
{
    Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    GElf_Ehdr header;
    GElf_Phdr p;
    size_t count = 0;
    int found = 0;

    if (elf && gelf_getehdr(elf, &header) && !elf_getphdrnum(elf, &count))
        for (size_t i = 0; i < count && !found; i++)
            if (gelf_getphdr(elf, (int)i, &p) && p.p_type == PT_LOAD) {
                *bias = begin - ((p.p_vaddr - p.p_offset) & ~(GElf_Addr)(SF_PAGE - 1));
                found = 1;
            }
    elf_end(elf);
    return found;
}

/* Is the file the one that was mapped? Where either has no build-id, believe it. */
static int same_build(Dwfl_Module *module, const struct sf_module *m)
{
    const unsigned char *id;
    GElf_Addr address;
    int size;

    if (dwfl_module_build_id(module, &id, &address) < 0 || !m->build_id_size)
        return 1;
    size = dwfl_module_build_id(module, &id, &address);
    return size <= 0 || (size == m->build_id_size && !memcmp(id, m->build_id, (size_t)size));
}

static void report(struct sf_places *p, const struct sf_module *m)
{
    char path[sizeof m->path + 1];
    Dwfl_Module *module;
    GElf_Addr bias, address;
    struct stat st;
    int fd;

    memcpy(path, m->path, sizeof m->path);
    path[sizeof m->path] = 0;
    fd = path[0] == '/' ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
    if (fd < 0)
        return;
    /* The path is the writer's: a pipe would keep us waiting, a device do who knows what. */
    if (fstat(fd, &st) || !S_ISREG(st.st_mode) || !load_bias(fd, m->begin, &bias)) {
        close(fd);
        return;
    }
    module = dwfl_report_elf(p->dwfl, path, path, fd, bias, true); /* the descriptor is its own now */
    if (!module) {
        close(fd);
        return;
    }
    if (same_build(module, m) && !p->machine)
        p->machine = dwfl_module_getelf(module, &address);
}

struct sf_places *sf_places_open(const struct sf_status *s)
{
    struct sf_places *p = calloc(1, sizeof *p);

    if (!p)
        return NULL;
    elf_version(EV_CURRENT);
    p->callbacks.find_elf = no_file;
    p->callbacks.find_debuginfo = dwfl_standard_find_debuginfo;
    p->callbacks.section_address = dwfl_offline_section_address;
    p->dwfl = dwfl_begin(&p->callbacks);
    if (!p->dwfl) {
        free(p);
        return NULL;
    }
    dwfl_report_begin(p->dwfl);
    for (int i = 0; i < SF_MODULES && s->module[i].begin; i++)
        report(p, &s->module[i]);
    dwfl_report_end(p->dwfl, NULL, NULL);
    return p;
}

void sf_places_close(struct sf_places *p)
{
    if (p)
        dwfl_end(p->dwfl);
    free(p);
}

static char *copied(const char *text)
{
    return text ? strdup(text) : NULL;
}

void sf_place_find(struct sf_places *p, uint64_t pc, int caller, struct sf_place *out)
{
    uint64_t at = pc - (caller != 0);
    Dwfl_Module *module = dwfl_addrmodule(p->dwfl, at);
    GElf_Off offset = 0;
    GElf_Sym symbol;
    Dwfl_Line *line;
    Dwarf_Addr start = 0;
    const char *name;
    int number = 0;

    memset(out, 0, sizeof *out);
    out->pc = pc;
    if (!module)
        return;
    name = dwfl_module_info(module, NULL, &start, NULL, NULL, NULL, NULL, NULL);
    out->object = copied(name);
    name = dwfl_module_addrinfo(module, at, &offset, &symbol, NULL, NULL, NULL);
    out->symbol = copied(name);
    if (out->symbol)
        out->symbol[strcspn(out->symbol, "@")] = 0; /* versions say nothing here */
    out->offset = name ? offset + (caller != 0) : pc - start;
    line = dwfl_module_getsrc(module, at);
    name = line ? dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL) : NULL;
    out->file = copied(name);
    out->line = number;
}

void sf_place_free(struct sf_place *place)
{
    free(place->symbol);
    free(place->object);
    free(place->file);
    memset(place, 0, sizeof *place);
}

int sf_place_ours(const struct sf_place *place)
{
    const char *name = place->object ? sf_text_basename(place->object) : "";

    return strcmp(name, "libsigferry.so") == 0 ? 1 : strcmp(name, "libsigferry-guard.so") == 0 ? 2 : 0;
}

/* ---- unwinding ---- */

static pid_t next_thread(Dwfl *dwfl, void *arg, void **thread)
{
    struct sf_places *p = arg;

    if (p->said)
        return 0;
    p->said = 1;
    *thread = p;
    return 1;
}

static bool one_thread(Dwfl *dwfl, pid_t tid, void *arg, void **thread)
{
    *thread = arg;
    return tid == 1;
}

static bool read_word(Dwfl *dwfl, Dwarf_Addr address, Dwarf_Word *result, void *arg)
{
    const struct sf_stack *s = ((struct sf_places *)arg)->stack;
    uint32_t size = s->raw_size <= SF_RAW ? s->raw_size : 0;

    if (address < s->raw_at || size < sizeof *result || address - s->raw_at > size - sizeof *result)
        return false;
    memcpy(result, s->raw + (address - s->raw_at), sizeof *result);
    return true;
}

static bool first_registers(Dwfl_Thread *thread, void *arg)
{
    const struct sf_stack *s = ((struct sf_places *)arg)->stack;
    uint32_t count = s->regs <= SF_REGS ? s->regs : 0;

    if (!count)
        return false;
    dwfl_thread_state_register_pc(thread, s->reg[count - 1]);
    return dwfl_thread_state_registers(thread, 0, count - 1, s->reg);
}

struct walk {
    struct sf_places *places;
    struct sf_place *out;
    int count;
};

static int one_frame(Dwfl_Frame *frame, void *arg)
{
    struct walk *w = arg;
    Dwarf_Addr pc;
    bool activation;

    if (w->count == SF_FRAMES || !dwfl_frame_pc(frame, &pc, &activation))
        return DWARF_CB_ABORT;
    sf_place_find(w->places, pc, !activation, &w->out[w->count++]);
    return DWARF_CB_OK;
}

int sf_places_unwind(struct sf_places *p, const struct sf_stack *stack, struct sf_place out[SF_FRAMES])
{
    static const Dwfl_Thread_Callbacks callbacks = { .next_thread = next_thread,
                                                     .get_thread = one_thread,
                                                     .memory_read = read_word,
                                                     .set_initial_registers = first_registers };
    struct walk w = { p, out, 0 };

    p->stack = stack;
    p->said = 0;
    if (!p->attached && p->machine)
        p->attached = dwfl_attach_state(p->dwfl, p->machine, 1, &callbacks, p);
    if (stack->regs && p->attached)
        dwfl_getthread_frames(p->dwfl, 1, one_frame, &w);
    for (int i = 0; !w.count && i < SF_PCS && stack->pc[i]; i++, w.count++)
        sf_place_find(p, stack->pc[i], i > 0, &out[i]);
    return w.count;
}
