/* context: listener, thread (sf_task_read, sf_task_of_process, sf_task_number)
 * What /proc tells about threads of ours, and about other processes. Nothing where /proc is missing. */
#ifndef SF_ENGINE_TASK_H
#define SF_ENGINE_TASK_H

#include <stddef.h>

#include "base/sigset.h"

/* The beginning of a file, terminated. Its length, 0 if it cannot be read. A thread of the program has one descriptor more
 * for that moment. */
long sf_task_read(const char *path, char *text, size_t size);

/* The same of /proc/PID with `name` ("/comm") behind it, of any process. */
long sf_task_of_process(int pid, const char *name, char *text, size_t size);

/* The number behind `name` in such a text, in base 10 or 16; 0: it is not there. */
uint64_t sf_task_number(const char *text, const char *name, unsigned base);

/* Asleep in a read of stdio input (`input`: it is inside a guarded function that may), or, where a safe point will do
 * (`safe`), on a lock or waiting for a name server. */
int sf_task_sleeps(int tid, int input, int safe);

/* Asleep in a system call, whichever? */
int sf_task_asleep(int tid);

/* On a processor, waiting for one, or for a page of its memory: what it needs to get on is not its own affair. */
int sf_task_starved(int tid);

/* How long (ns) the thread has been able to run and waited for a processor, in its whole life; 0 where nobody tells. */
uint64_t sf_task_waited(int tid);

/* What pends for this thread alone. */
sf_set sf_task_pending(int tid);

/* Is this process traced (ptrace)? */
int sf_task_traced(void);

#endif
