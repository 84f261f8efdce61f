/* What the histograms of struct sf_stat tell. A value is the middle of its bucket: within 3.2 % of the true one. */
#ifndef SF_CLI_HIST_H
#define SF_CLI_HIST_H

#include <trace/format.h>

/* The value in nanoseconds below which the share `q` (0 to 1) of all lies; 0 of none. */
uint64_t sf_hist_quantile(const struct sf_hist *h, double q);

/* a += b; and a -= b, for what was added since. */
void sf_hist_add(struct sf_hist *a, const struct sf_hist *b);
void sf_hist_subtract(struct sf_hist *a, const struct sf_hist *b);

#endif
