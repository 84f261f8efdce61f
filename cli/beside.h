/* Staying beside a program as its parent, unnoticed. */
#ifndef SF_CLI_BESIDE_H
#define SF_CLI_BESIDE_H

#include <cli/preflight.h>
#include <sys/types.h>

/* Start it as a child, which finds mask and dispositions as we found them; from now on Ctrl-C and the other keys of the
 * terminal are its own affair, and signals that are sent to us are passed on. It may be
 * started again when it has ended. 0, or an exit status after a message. */
int sf_beside_start(const struct sf_program *p, char **argv, int argc, pid_t *child);

/* Has somebody pressed a key, or sent one of the signals that ask for an end, at any time? */
int sf_beside_interrupted(void);

/* Did SIGINT, SIGTERM or SIGHUP come when it had ended? Ask again after other handlers have been installed. */
int sf_beside_told_to_stop(void);

/* Wait for it, stopping and going on with it. Returns its wait status, -1 if somebody else took it. */
int sf_beside_wait(pid_t child);

/* As it ended: the exit status to return, or death by the same signal (then this does not return). */
int sf_beside_end(int status);

#endif
