/* context: setup
 *
 * Programs whose own runtime changes the masks of its threads by instruction, although they are linked to libc.
 */
#include "libc/libc.h"

#include <elf.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>

#define GO "Go\0\0" /* its linker counts the padding */

/* Notes are padded to four bytes each, in segments of eight (the properties of the processor) to eight. */
static int is_go(const char *at, size_t size, size_t align)
{
    const char *end = at + size;
    size_t up = align == 8 ? 7 : 3;
    while ((size_t)(end - at) >= sizeof(ElfW(Nhdr))) {
        const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)at;
        size_t name = (sizeof *note + note->n_namesz + up) & ~up;
        size_t whole = (name + note->n_descsz + up) & ~up;
        if (whole > (size_t)(end - at))
            return 0;
        if (note->n_namesz == sizeof GO - 1 && memcmp(note + 1, GO, sizeof GO - 1) == 0)
            return 1;
        at += whole;
    }
    return 0;
}

/* Is the program made by the Go linker? With cgo its runtime installs its handlers through libc, for every signal there is, but
 * sends and sets masks past it. */
int sf_libc_passed_by(void)
{
    const ElfW(Phdr) *headers = (const ElfW(Phdr) *)getauxval(AT_PHDR);
    size_t n = headers ? getauxval(AT_PHNUM) : 0;
    uintptr_t base = 0;
    for (size_t i = 0; i < n; i++)
        if (headers[i].p_type == PT_PHDR)
            base = (uintptr_t)headers - headers[i].p_vaddr;
    for (size_t i = 0; i < n; i++)
        if (headers[i].p_type == PT_NOTE &&
            is_go((const char *)(base + headers[i].p_vaddr), headers[i].p_memsz, headers[i].p_align))
            return 1;
    return 0;
}
