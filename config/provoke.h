/* Which signals `sigferry check --provoke` sends, and when. Its text is
 *
 *   [SIGNAL[,SIGNAL]...][@FUNCTION[#COUNT][/entry | /exit | /NUMBERns]]
 *
 * Every part that is missing leaves the choice open.
 */
#ifndef SF_CONFIG_PROVOKE_H
#define SF_CONFIG_PROVOKE_H

#include <stdint.h>

#include "base/sigset.h"

enum sf_provoke_at { SF_PROVOKE_ANYWHERE, SF_PROVOKE_ENTRY, SF_PROVOKE_EXIT, SF_PROVOKE_AFTER };

struct sf_provoke {
    uint32_t on;
    sf_set signals;     /* 0: whatever is caught */
    char function[36];  /* "": any */
    uint32_t count;     /* at its call of this number; 0: at more and more distant ones */
    uint32_t at;        /* SF_PROVOKE_* */
    uint32_t ns;        /* AFTER: so long after the call began */
};

/* What has been tried, of all processes of a run, and of the runs that follow each other: a file of this name in the
 * directory of the rings, made by the command, and mapped by each process. Functions by their number in hooks/unsafe.def. */
#define SF_PROVOKE_TABLE "provoke"
#define SF_PROVOKE_FUNCTIONS 1024

struct sf_provoke_table {
    uint32_t run;                        /* from 0, written by the command; after the first only what is not tried yet is */
    uint32_t spare;
    sf_set seen[SF_PROVOKE_FUNCTIONS];   /* signals that could have been sent at a call of this function */
    sf_set tried[SF_PROVOKE_FUNCTIONS];  /* those that were */
};

/* 0, or -EINVAL and *p is off. No system call, no allocation. */
int sf_provoke_parse(struct sf_provoke *p, const char *text);

#endif
