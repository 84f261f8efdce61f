/* Only symbol tables are read; debug information would add file and line, at the price of a search. */
#include <cli/symbols.h>

#include <base/text.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sf_symbols {
    pid_t pid;
    Dwfl *dwfl;
    Dwfl_Callbacks callbacks;
};

static const char deleted[] = " (deleted)";
static pid_t process; /* for the callback, which is told of no process unless it is stopped and attached */

/* The module's own symbol table must do: the usual search would ask debuginfod, and wait for the network. */
static int no_debuginfo(Dwfl_Module *module, void **user, const char *name, Dwarf_Addr base, const char *file,
                        const char *link, GElf_Word crc, char **found)
{
    return -1;
}

/* A daemon that runs while its file is replaced still has it open: the kernel gives it by /proc/PID/exe. */
static int find_elf(Dwfl_Module *module, void **user, const char *name, Dwarf_Addr base, char **file, Elf **elf)
{
    char exe[64], path[PATH_MAX];
    ssize_t n;

    if (!strstr(name, deleted))
        return dwfl_linux_proc_find_elf(module, user, name, base, file, elf);
    snprintf(exe, sizeof exe, "/proc/%d/exe", (int)process);
    n = readlink(exe, path, sizeof path - 1);
    path[n > 0 ? n : 0] = 0;
    return strcmp(path, name) ? -1 : open(exe, O_RDONLY | O_CLOEXEC);
}

struct sf_symbols *sf_symbols_open(pid_t pid)
{
    struct sf_symbols *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->pid = process = pid;
    s->callbacks.find_elf = find_elf;
    s->callbacks.find_debuginfo = no_debuginfo;
    s->dwfl = dwfl_begin(&s->callbacks);
    if (s->dwfl && !dwfl_linux_proc_report(s->dwfl, pid) && !dwfl_report_end(s->dwfl, NULL, NULL))
        return s;
    sf_symbols_close(s);
    return NULL;
}

void sf_symbols_close(struct sf_symbols *s)
{
    if (!s)
        return;
    if (s->dwfl)
        dwfl_end(s->dwfl);
    free(s);
}

const char *sf_symbol(struct sf_symbols *s, uint64_t address, char *buf, unsigned size)
{
    Dwfl_Module *module = s ? dwfl_addrmodule(s->dwfl, address) : NULL;
    const char *path, *name;
    char file[NAME_MAX + 1];
    Dwarf_Addr start;
    GElf_Off offset;
    GElf_Sym symbol;

    process = s ? s->pid : 0;

    /* An address outside all modules: code made at run time, or unloaded since. */
    path = module ? dwfl_module_info(module, NULL, &start, NULL, NULL, NULL, NULL, NULL) : NULL;
    if (!path) {
        snprintf(buf, size, "0x%llx", (unsigned long long)address);
        return buf;
    }
    snprintf(file, sizeof file, "%s", sf_text_basename(path));
    if (strstr(file, deleted))
        *strstr(file, deleted) = 0;
    name = dwfl_module_addrinfo(module, address, &offset, &symbol, NULL, NULL, NULL);
    if (name && !offset)
        snprintf(buf, size, "%s (%s)", name, file);
    else if (name)
        snprintf(buf, size, "%s+0x%llx (%s)", name, (unsigned long long)offset, file);
    else
        snprintf(buf, size, "%s+0x%llx", file, (unsigned long long)(address - start));
    return buf;
}
