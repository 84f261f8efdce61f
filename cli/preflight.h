/* What is known of a program before it is started. */
#ifndef SF_CLI_PREFLIGHT_H
#define SF_CLI_PREFLIGHT_H

#include <limits.h>

struct sf_program {
    const char *name;       /* as the user wrote it */
    char path[PATH_MAX];    /* what is to be executed */
    int go;                 /* made by the Go linker, with cgo: nothing is routed in it */
    int by_shell;           /* a script without #!: as execvp(3) does, run by /bin/sh */
    char binary[PATH_MAX];  /* the ELF file at the end of the chain of #! lines */
};

/* Find `name` as execvp does. 0, or an exit status after a message. */
int sf_find_program(const char *name, struct sf_program *p);

/* Can it be carried? Follows scripts to their interpreter. 0, or an exit status after a message. */
int sf_preflight(struct sf_program *p);

/* Our own libraries, found beside the command. 0, or an exit status after a message. */
struct sf_libraries {
    char main[PATH_MAX];
    char guard[PATH_MAX]; /* "" where it is not wanted */
};
int sf_find_libraries(int guard, struct sf_libraries *l);

/* Have the loader itself load them into the program, without running it (as ldd does); LD_PRELOAD is set already.
 * 0, or an exit status after a message. Leaves neither a child nor a SIGCHLD nor a descriptor behind. */
int sf_trial(const struct sf_program *p, const struct sf_libraries *l);

#endif
