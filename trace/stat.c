/* context: handler
 *
 * Counts by sender, and histograms for each handler. An entry is claimed with a compare-and-swap and never given back;
 * what finds no room goes to the entry of its signal.
 */
#include "base/sigset.h"
#include "base/syscall.h"
#include "trace/ring.h"

/* No room for handlers: the signal's own entry. */
static struct sf_stat *of_signal(int signo)
{
    struct sf_stat *s = &sigferry_status.stat[signo];
    if (sf_file_pages(s, sizeof *s) != 0)
        return NULL;
    if (s->state != 2) {
        s->signo = (uint32_t)signo;
        __atomic_store_n(&s->state, 2, __ATOMIC_RELEASE);
    }
    return s;
}

/* Where this signal's handler was found last. */
static volatile uint8_t hint[65];
volatile uint32_t sf_stat_made;

static struct sf_stat *entry(int signo, uint64_t handler)
{
    int known = hint[signo];
    if (known && known < SF_STATS_HANDLERS + (int)sf_stat_made && sigferry_status.stat[known].handler == handler && sigferry_status.stat[known].state == 2)
        return &sigferry_status.stat[known];
    for (int i = SF_STATS_HANDLERS; i < SF_STATS; i++) {
        struct sf_stat *s = &sigferry_status.stat[i];
        uint32_t state = __atomic_load_n(&s->state, __ATOMIC_ACQUIRE);
        if (state == 2 && s->handler == handler && s->signo == (uint32_t)signo) {
            hint[signo] = (uint8_t)i;
            return s;
        }
        if (state)
            continue;
        if (sf_file_pages(s, sizeof *s + SF_NEXT_ENTRY) != 0)
            break;
        if (!__atomic_compare_exchange_n(&s->state, &state, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
            i--; /* somebody else has just taken it, perhaps for the same handler */
            continue;
        }
        s->handler = handler;
        s->signo = (uint32_t)signo;
        __atomic_store_n(&s->state, 2, __ATOMIC_RELEASE);
        sf_stat_made = (uint32_t)(i + 1 - SF_STATS_HANDLERS);
        return s;
    }
    return of_signal(signo);
}

static void add(struct sf_hist *h, uint64_t ns)
{
    uint64_t max = __atomic_load_n(&h->max_ns, __ATOMIC_RELAXED);
    __atomic_fetch_add(&h->count, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&h->sum_ns, ns, __ATOMIC_RELAXED);
    __atomic_fetch_add(&h->bucket[sf_hist_index(ns)], 1, __ATOMIC_RELAXED);
    while (ns > max && !__atomic_compare_exchange_n(&h->max_ns, &max, ns, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
}

void sf_stat_begin(int signo, uint64_t handler, uint64_t ns)
{
    struct sf_stat *s = entry(signo, handler);
    __atomic_fetch_add(&sigferry_status.row[signo].replayed, 1, __ATOMIC_RELAXED);
    if (s)
        add(&s->wait, ns);
}

void sf_stat_run(int signo, uint64_t handler, uint64_t ns, int errno_changed)
{
    struct sf_stat *s = entry(signo, handler);
    if (!s)
        return;
    add(&s->run, ns);
    if (errno_changed)
        __atomic_fetch_add(&s->errno_changed, 1, __ATOMIC_RELAXED);
}
