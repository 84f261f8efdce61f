/* check --provoke runs a program again, until all has been tried or the time for it is over. */
#ifndef SF_CLI_RETRY_H
#define SF_CLI_RETRY_H

#include <config/provoke.h>
#include <stdint.h>
#include <sys/types.h>

struct sf_retry {
    struct sf_provoke_table *table; /* shared with the program; NULL: there is one run, and nothing is counted */
    uint64_t until_ns;     /* no run begins after it, CLOCK_MONOTONIC */
    off_t input;           /* where standard input stood, -1: it cannot be set back */
    unsigned runs;
    unsigned pairs, tried; /* of a signal and a function: could have come, and did */
    unsigned idle;         /* so many of the last runs have tried nothing new */
    int out_of_time;
};

/* Before the first run. `dir`: of the rings; `budget_ns`: 0 for one run. 0, or an exit status after a message. */
int sf_retry_begin(struct sf_retry *r, const char *dir, int64_t budget_ns);

/* A run has ended. Is there to be another one? Then standard input is set back, and the table says so to the program. */
int sf_retry_again(struct sf_retry *r);

void sf_retry_end(struct sf_retry *r);

#endif
