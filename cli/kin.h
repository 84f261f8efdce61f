/* Processes that belong to those that are followed though they have not said so: what these become by exec, and children
 * whose memory is not a copy of theirs (posix_spawn, vfork, system, popen). */
#ifndef SF_CLI_KIN_H
#define SF_CLI_KIN_H

#include <cli/session.h>

struct sf_hope;

struct sf_kin {
    struct sf_hope *first;
    uint64_t next_ns;  /* when children are looked for again */
    uint64_t since_ns; /* rings that are older are found by nobody else */
};

/* Look for new ones, and at those that are known. `attach`: a process, of which `ring` has been read, is one, and has the
 * library in it; the ring is the callee's then. */
void sf_kin_look(struct sf_kin *k, struct sf_session *s, void (*attach)(void *arg, struct sf_ring *ring), void *arg);

/* This process is one, or becomes one. */
void sf_kin_hope(struct sf_kin *k, pid_t pid);

/* May one still come? */
int sf_kin_hopeful(const struct sf_kin *k);

void sf_kin_end(struct sf_kin *k);

#endif
