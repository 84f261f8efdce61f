/* context: handler
 * Files of processes that have ended. */
#ifndef SF_TRACE_LEFTOVER_H
#define SF_TRACE_LEFTOVER_H

#include <stdint.h>
#include <sys/stat.h>

/* Remove the oldest in the directory that the first `length` bytes of `file` name, if there are many. Seldom does
 * anything. One thread of the process at a time, with all signals blocked. */
void sf_leftover_clear(const char *file, unsigned length);

/* The lock of trace/format.h: F_RDLCK for a user of the file, F_WRLCK for who removes it, F_UNLCK. 0 or -errno: -EAGAIN
 * somebody else has it, -EINVAL the kernel has none. */
long sf_leftover_lock(long fd, int type);

/* Is `fd` still that file? Another thread of the program may close "all" descriptors at any time. 1 or 0. */
int sf_leftover_is(long fd, const struct stat *st);

#endif
