/* The numbers of each signal and handler of each process, with names. */
#ifndef SF_CLI_TALLY_H
#define SF_CLI_TALLY_H

#include <cli/hist.h>
#include <cli/host.h>

struct sf_tally {
    pid_t pid;
    char comm[32];
    uint64_t began_ns; /* tells programs with the same process number apart */
    int signo;
    uint64_t address;
    char handler[160];
    uint64_t count;    /* handlers that have begun */
    uint64_t errno_changed;
    uint64_t arrived, from[SF_FROM_END]; /* of the signal, whatever its handler */
    double seconds;    /* in which all this happened */
    struct sf_hist wait, run;
};

struct sf_tallies {
    struct sf_tally *tally;
    size_t count, room;
};

/* 0 or -ENOMEM. */
int sf_tally_host(struct sf_tallies *to, struct sf_host *h);
int sf_tally_file(struct sf_tallies *to, struct sf_ring *r);

/* What is new against `had` (NULL: everything); out of memory: nothing. */
struct sf_tallies sf_tallies_since(const struct sf_tallies *now, const struct sf_tallies *had);
void sf_tallies_free(struct sf_tallies *t);

#endif
