/* context: handler
 *
 * The record: counters, and a ring whose oldest records are overwritten. A writer never waits: it claims a number with
 * one atomic addition and then the place of that number. If somebody is still writing there (a thread that was taken
 * off its processor for a whole round of the ring), the record is dropped, and counted.
 */
#include "trace/ring.h"

#include "base/sigset.h"
#include "base/syscall.h"

__attribute__((visibility("default"))) struct sf_status sigferry_status;

struct sf_record sf_ring_static[SF_STATIC_RECORDS];
struct sf_record *volatile sf_ring_place = sf_ring_static;
volatile uint32_t sf_ring_mask = SF_STATIC_RECORDS - 1;
volatile uint64_t sf_ring_ready = ~(uint64_t)0;

#define CHUNK 1024 /* records; a multiple of the page size */

void sf_count(enum sf_counter which)
{
    __atomic_fetch_add(&sigferry_status.counter[which], 1, __ATOMIC_RELAXED);
}

/* First round: the pages under record `n` may not be there yet. */
static int have_pages(uint64_t n, struct sf_record *ring, uint32_t mask)
{
    uint64_t chunk = (n & mask) / CHUNK, from = chunk * CHUNK, to = from + CHUNK;
    if (sf_file_pages(ring + from, CHUNK * sizeof *ring) != 0)
        return 0;
    /* In order only: `ready` must not pass a piece that another thread is just fetching. */
    if (to > mask)
        to = ~(uint64_t)0;
    __atomic_compare_exchange_n(&sf_ring_ready, &from, to, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    return 1;
}

struct sf_record *sf_record_open(enum sf_event event, int tid, int signo, uint64_t time_ns)
{
    struct sf_record *ring, *r;
    uint64_t n, seq;
    uint32_t mask;

    if (__builtin_expect(sf_file_state == SF_FILE_NONE, 0))
        sf_file_make();
    /* The mask first: with a new one the new place is seen, and an old one fits into both. */
    mask = __atomic_load_n(&sf_ring_mask, __ATOMIC_ACQUIRE);
    ring = sf_ring_place;
    n = __atomic_fetch_add(&sigferry_status.next, 1, __ATOMIC_RELAXED);
    r = &ring[n & mask];
    if (__builtin_expect(n >= sf_ring_ready, 0) && !have_pages(n, ring, mask))
        goto drop;
    seq = __atomic_load_n(&r->seq, __ATOMIC_RELAXED);
    if ((seq & 1) || seq > 2 * n ||
        !__atomic_compare_exchange_n(&r->seq, &seq, 2 * n + 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        goto drop;
    __atomic_thread_fence(__ATOMIC_RELEASE); /* odd before anything else changes */
    r->time_ns = time_ns;
    r->tid = tid;
    r->event = (uint8_t)event;
    r->signo = (uint8_t)signo;
    r->at = r->depth = 0;
    return r;
drop:
    sf_count(SF_COUNT_DROPPED);
    return NULL;
}

void sf_record_close(struct sf_record *r)
{
    __atomic_store_n(&r->seq, r->seq + 1, __ATOMIC_RELEASE);
}

/* What came with the signal, in one word: which member of the siginfo_t is valid follows from its si_code. */
static uint64_t value_of(const siginfo_t *info)
{
    if (info->si_signo == SIGCHLD && info->si_code > 0)
        return (uint64_t)(int64_t)info->si_status;
    if (info->si_code > 0 && info->si_code != SI_KERNEL && SF_HAS(SF_SET_FAULTS, info->si_signo))
        return (uint64_t)(uintptr_t)info->si_addr;
    return info->si_code == SI_USER || info->si_code == SI_TKILL ? 0 : (uint64_t)(uintptr_t)info->si_value.sival_ptr;
}

/* These members hold a process only for some codes; for others the same bytes are a timer's or an address's. */
void sf_record_sender(struct sf_record *r, const siginfo_t *info)
{
    static const siginfo_t unknown;
    enum sf_sender from = info ? sf_sender_of(info) : SF_FROM_KERNEL;
    int has = from == SF_FROM_CHILD || from == SF_FROM_SELF || from == SF_FROM_USER || from == SF_FROM_OUTSIDE;
    r->signal.pid = has ? info->si_pid : 0;
    r->signal.uid = has ? info->si_uid : 0;
    info = info ? info : &unknown;
    r->signal.code = info->si_code;
    r->signal.value = value_of(info);
}
