#include <cli/hist.h>

uint64_t sf_hist_quantile(const struct sf_hist *h, double q)
{
    uint64_t all = 0, want, seen = 0;

    /* Counted here: `count` may be newer than the buckets. */
    for (unsigned i = 0; i < SF_HIST_BUCKETS; i++)
        all += h->bucket[i];
    if (!all)
        return 0;
    want = (uint64_t)((double)all * q);
    for (unsigned i = 0; i < SF_HIST_BUCKETS; i++) {
        seen += h->bucket[i];
        if (seen > want || seen == all) {
            uint64_t low = sf_hist_low(i), middle = i + 1 < SF_HIST_BUCKETS ? (low + sf_hist_low(i + 1)) / 2 : low;
            return h->max_ns && middle > h->max_ns ? h->max_ns : middle;
        }
    }
    return h->max_ns;
}

void sf_hist_add(struct sf_hist *a, const struct sf_hist *b)
{
    a->count += b->count;
    a->sum_ns += b->sum_ns;
    if (b->max_ns > a->max_ns)
        a->max_ns = b->max_ns;
    for (unsigned i = 0; i < SF_HIST_BUCKETS; i++)
        a->bucket[i] += b->bucket[i];
}

/* The greatest of the rest is not known: the end of the last bucket that is left. */
void sf_hist_subtract(struct sf_hist *a, const struct sf_hist *b)
{
    uint64_t max = 0;

    a->count -= b->count;
    a->sum_ns -= b->sum_ns;
    for (unsigned i = 0; i < SF_HIST_BUCKETS; i++) {
        a->bucket[i] -= b->bucket[i];
        if (a->bucket[i] && i + 1 < SF_HIST_BUCKETS)
            max = sf_hist_low(i + 1);
    }
    if (max < a->max_ns)
        a->max_ns = max;
}
