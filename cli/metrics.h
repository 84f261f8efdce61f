/* Numbers of all processes, summed up by program, as OpenMetrics. */
#ifndef SF_CLI_METRICS_H
#define SF_CLI_METRICS_H

#include <cli/hist.h>
#include <cli/host.h>
#include <pthread.h>
#include <stdio.h>

/* One line, or the lines of one histogram. */
struct sf_series {
    struct sf_series *next;
    unsigned family;
    char labels[512];
    uint64_t value;
    uint64_t told;        /* to the journal */
    struct sf_hist *hist; /* NULL: a number */
};

struct sf_metrics {
    pthread_mutex_t lock;  /* over all that follows: a scrape and the clock come from two threads */
    struct sf_host host;
    struct sf_series *gone; /* sums of processes that have ended */
    struct sf_series *all;  /* and of those that live, as of the last look */
};

void sf_metrics_begin(struct sf_metrics *m);
/* Read all processes anew. */
void sf_metrics_look(struct sf_metrics *m);
/* The state as of the last look. */
void sf_metrics_write(struct sf_metrics *m, FILE *out);
/* Tell the journal what has become more since the last time: forced handlers, dropped records, findings. */
void sf_metrics_journal(struct sf_metrics *m);

#endif
