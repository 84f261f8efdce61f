/* The directory that one run of trace or check has for the rings of its processes alone. */
#ifndef SF_CLI_DIRECTORY_H
#define SF_CLI_DIRECTORY_H

#include <sys/types.h>

enum { SF_DIRECTORY = 128 };

/* A new one, in XDG_RUNTIME_DIR, /dev/shm or /tmp, named in the environment (SIGFERRY_RINGS) of what is started from now
 * on. Those that a killed `sigferry trace` or `check` has left in the same place go. `command`: "trace" or "check"; `dir`:
 * room for the path, SF_DIRECTORY bytes. One a process. 0, or an exit status after a message. */
int sf_directory_make(const char *command, char *dir);

/* With all that is in it. */
void sf_directory_remove(const char *dir);

/* The files in it whose names end with `suffix`. */
void sf_directory_clear(const char *dir, const char *suffix);

/* heirs.c: a process that was started with this directory, or by one that was, and that has not ended; 0 none. Our own
 * is not meant, nor what is older than it. `last`: the one that was there a moment ago, or 0. */
pid_t sf_directory_heir(const char *dir, pid_t last);

#endif
