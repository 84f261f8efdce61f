/* The library's own record, read out of a live process. */
#ifndef SF_CLI_STATUS_H
#define SF_CLI_STATUS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <trace/format.h>

/* 0 or -errno:
 *   -ENOENT  the library is not loaded there     -EAGAIN  it is, but has not begun yet
 *   -EPROTO  it speaks another version of the format (*s is as it was read)
 *   -ENOEXEC its symbol table makes no sense     -ESRCH, -EPERM, -EACCES as the kernel says */
int sf_status_read(pid_t pid, struct sf_status *s); /* up to `module` */

/* Its address in that process; and any part of its memory, all or nothing. 0 or -errno. */
int sf_status_find(pid_t pid, uintptr_t *address);
int sf_status_copy(pid_t pid, uintptr_t address, void *to, size_t size);

#endif
