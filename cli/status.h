/* The library's own record, read out of a live process. */
#ifndef SF_CLI_STATUS_H
#define SF_CLI_STATUS_H

#include <sys/types.h>
#include <trace/format.h>

/* 0 or -errno:
 *   -ENOENT  the library is not loaded there     -EAGAIN  it is, but has not begun yet
 *   -EPROTO  it speaks another version of the format (*s is as it was read)
 *   -ENOEXEC its symbol table makes no sense     -ESRCH, -EPERM, -EACCES as the kernel says */
int sf_status_read(pid_t pid, struct sf_status *s);

#endif
