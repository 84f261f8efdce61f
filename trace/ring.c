/* context: handler
 *
 * The record: counters, and a fixed ring whose oldest records are overwritten. A writer never waits: it claims a
 * number with one atomic addition and owns that place until a whole ring has gone by.
 */
#include "trace/ring.h"

#include "base/sigset.h"
#include "base/syscall.h"

__attribute__((visibility("default"))) struct sf_status sigferry_status;

void sf_count(enum sf_counter which)
{
    __atomic_fetch_add(&sigferry_status.counter[which], 1, __ATOMIC_RELAXED);
}

void sf_record(enum sf_event event, int tid, int signo, const siginfo_t *info, uint64_t handler, int at, uint64_t wait_ns)
{
    uint64_t n = __atomic_fetch_add(&sigferry_status.ring_next, 1, __ATOMIC_RELAXED);
    struct sf_record *r = &sigferry_status.ring[n % SF_RING_RECORDS];

    __atomic_store_n(&r->seq, 2 * n + 1, __ATOMIC_RELEASE); /* odd: not to be read */
    r->time_ns = signo && SF_HAS(SF_SET_FAULTS, signo) ? sf_now_raw() : sf_now();
    r->handler = handler;
    r->tid = tid;
    r->sender_pid = info ? info->si_pid : 0;
    r->sender_uid = info ? info->si_uid : 0;
    r->si_code = info ? info->si_code : 0;
    r->value = info ? info->si_value.sival_int : 0;
    r->event = (uint8_t)event;
    r->signo = (uint8_t)signo;
    r->point = (uint8_t)at;
    r->wait_ns = wait_ns;
    if (event == SF_EV_BEGIN)
        sigferry_status.row[signo].replayed++;
    __atomic_store_n(&r->seq, 2 * n + 2, __ATOMIC_RELEASE);
}
