/* What can be told about an executable without running it. */
#ifndef SF_CLI_ELF_H
#define SF_CLI_ELF_H

#include <limits.h>

struct sf_elf {
    int bits;    /* 32 or 64 */
    int machine; /* EM_* */
    int library; /* ET_DYN */
    char interpreter[PATH_MAX]; /* PT_INTERP, "" where there is none: static */
    int go;                     /* built by the Go linker */
    int needs_libc;             /* DT_NEEDED names libc.so */
};

/* 0, or -errno: -ENOEXEC where it is no sound ELF file. The descriptor's offset may move. */
int sf_elf_read(int fd, struct sf_elf *e);
int sf_elf_read_path(const char *path, struct sf_elf *e);

/* "32-bit x86", "64-bit ARM", ... in `buf`. */
const char *sf_elf_machine(const struct sf_elf *e, char *buf, unsigned size);

#endif
