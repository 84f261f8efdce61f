/* What `sigferry trace -e` lets through. */
#ifndef SF_CLI_FILTER_H
#define SF_CLI_FILTER_H

#include <cli/session.h>

struct sf_filter {
    uint64_t signals; /* bit signo-1 */
    uint32_t events;  /* bit of enum sf_event */
};

/* All signals, and all events but the noisy ones. */
void sf_filter_begin(struct sf_filter *f);

/* "signal=HUP,USR1", "signal=!CHLD", "event=begin,end", "event=all". 0, or an exit status after a message. */
int sf_filter_add(struct sf_filter *f, const char *expression);

int sf_filter_passes(const struct sf_filter *f, const struct sf_record *r);

#endif
