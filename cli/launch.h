/* Starting a program with the library in it. */
#ifndef SF_CLI_LAUNCH_H
#define SF_CLI_LAUNCH_H

#include <cli/preflight.h>

enum sf_launch_guard { SF_GUARD_NEVER, SF_GUARD_AS_CONFIGURED, SF_GUARD_MUST };

struct sf_launch {
    const char *name;     /* of the program, as the user wrote it */
    const char *settings; /* ":key=value..." for the variable SIGFERRY, "" none */
    const char *file;     /* the configuration file, NULL the usual ones */
    enum sf_launch_guard guard;
};

/* Find the program, see whether it can be carried, and prepare the environment. 0, or an exit status after a message. */
int sf_launch_prepare(const struct sf_launch *l, struct sf_program *program);

/* Become it. Returns only if that fails: an exit status, after a message. */
int sf_launch_execute(const struct sf_program *p, char **argv, int argc);

#endif
