/* Read with libelf, which checks bounds and knows both classes; still nothing in the file is believed: lengths and
 * offsets are taken as they come, and whatever does not fit makes a file "no program".
 */
#include <cli/elf.h>

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void read_interpreter(int fd, const GElf_Phdr *p, struct sf_elf *e)
{
    size_t n = p->p_filesz < sizeof e->interpreter ? p->p_filesz : sizeof e->interpreter - 1;
    ssize_t got = pread(fd, e->interpreter, n, (off_t)p->p_offset);

    e->interpreter[got > 0 ? got : 0] = 0;
}

/* A note whose owner is "Go" holds the Go linker's build id; it survives strip. */
static int has_go_note(Elf *elf, const GElf_Phdr *p)
{
    Elf_Data *data = elf_getdata_rawchunk(elf, (int64_t)p->p_offset, p->p_filesz,
                                          p->p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
    size_t at = 0, name, desc;
    GElf_Nhdr note;

    while (data && (at = gelf_getnote(data, at, &note, &name, &desc)) > 0)
        if (note.n_namesz == 4 && !memcmp((char *)data->d_buf + name, "Go\0", 4))
            return 1;
    return 0;
}

/* The other mark of Go; stripped binaries have lost it along with all section headers. */
static int has_go_section(Elf *elf)
{
    size_t names;
    Elf_Scn *section = NULL;
    GElf_Shdr header;

    if (elf_getshdrstrndx(elf, &names))
        return 0;
    while ((section = elf_nextscn(elf, section))) {
        const char *name = gelf_getshdr(section, &header) ? elf_strptr(elf, names, header.sh_name) : NULL;

        if (name && !strcmp(name, ".go.buildinfo"))
            return 1;
    }
    return 0;
}

/* Where an address of the running program lies in its file; 0 if nowhere. */
static GElf_Off file_offset(Elf *elf, size_t headers, GElf_Addr address)
{
    GElf_Phdr p;

    for (size_t i = 0; i < headers; i++)
        if (gelf_getphdr(elf, (int)i, &p) && p.p_type == PT_LOAD && address >= p.p_vaddr &&
            address - p.p_vaddr < p.p_filesz)
            return p.p_offset + (address - p.p_vaddr);
    return 0;
}

/* Does DT_NEEDED name libc? Read through the program headers: section headers may be stripped. */
static int needs_libc(int fd, Elf *elf, size_t headers, const GElf_Phdr *dynamic)
{
    Elf_Data *data = elf_getdata_rawchunk(elf, (int64_t)dynamic->p_offset, dynamic->p_filesz, ELF_T_DYN);
    size_t entry = gelf_fsize(elf, ELF_T_DYN, 1, EV_CURRENT), count = data && entry ? data->d_size / entry : 0;
    GElf_Off strings = 0;
    GElf_Dyn d;

    for (size_t i = 0; i < count; i++)
        if (gelf_getdyn(data, (int)i, &d) && d.d_tag == DT_STRTAB)
            strings = file_offset(elf, headers, d.d_un.d_ptr);
    for (size_t i = 0; strings && i < count; i++) {
        char name[8] = "";

        if (gelf_getdyn(data, (int)i, &d) && d.d_tag == DT_NEEDED &&
            pread(fd, name, sizeof name, (off_t)(strings + d.d_un.d_val)) == sizeof name &&
            !memcmp(name, "libc.so", 7))
            return 1;
    }
    return 0;
}

static int read_headers(int fd, Elf *elf, struct sf_elf *e)
{
    GElf_Ehdr header;
    GElf_Phdr p;
    size_t count;
    int loads = 0;

    if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header) || elf_getphdrnum(elf, &count))
        return -ENOEXEC;
    if ((header.e_type != ET_EXEC && header.e_type != ET_DYN) || !count)
        return -ENOEXEC;
    e->bits = gelf_getclass(elf) == ELFCLASS64 ? 64 : 32;
    e->machine = header.e_machine;
    e->library = header.e_type == ET_DYN;
    e->go = has_go_section(elf);
    for (size_t i = 0; i < count; i++) {
        if (!gelf_getphdr(elf, (int)i, &p))
            return -ENOEXEC;
        loads += p.p_type == PT_LOAD;
        if (p.p_type == PT_INTERP)
            read_interpreter(fd, &p, e);
        else if (p.p_type == PT_NOTE)
            e->go |= has_go_note(elf, &p);
        else if (p.p_type == PT_DYNAMIC)
            e->needs_libc = needs_libc(fd, elf, count, &p);
    }
    /* Nothing to map: damaged headers would otherwise pass for a static program. */
    return loads ? 0 : -ENOEXEC;
}

int sf_elf_read(int fd, struct sf_elf *e)
{
    Elf *elf;
    int err;

    memset(e, 0, sizeof *e);
    if (elf_version(EV_CURRENT) == EV_NONE)
        return -ENOEXEC;
    elf = elf_begin(fd, ELF_C_READ, NULL);
    if (!elf)
        return -ENOEXEC;
    err = read_headers(fd, elf, e);
    elf_end(elf);
    return err;
}

int sf_elf_read_path(const char *path, struct sf_elf *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), err;

    if (fd < 0)
        return -errno;
    err = sf_elf_read(fd, e);
    close(fd);
    return err;
}

const char *sf_elf_machine(const struct sf_elf *e, char *buf, unsigned size)
{
    static const struct {
        int machine;
        const char *name;
    } known[] = { { EM_386, "x86" },     { EM_X86_64, "x86" },  { EM_ARM, "ARM" },     { EM_AARCH64, "ARM" },
                  { EM_RISCV, "RISC-V" }, { EM_PPC64, "POWER" }, { EM_S390, "s390" }, { EM_MIPS, "MIPS" } };

    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].machine == e->machine) {
            snprintf(buf, size, "%d-bit %s%s", e->bits, known[i].name,
                     e->machine == EM_X86_64 && e->bits == 32 ? " (x32)" : "");
            return buf;
        }
    snprintf(buf, size, "machine %d (%d-bit)", e->machine, e->bits);
    return buf;
}
