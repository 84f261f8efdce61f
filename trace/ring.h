/* context: handler
 * The writer's side of the record: counters and ring (trace/ring.c), the file (trace/file.c, leftover.c), histograms (trace/stat.c),
 * findings (trace/finding.c), modules (trace/module.c). Nothing here waits, takes a lock, allocates from the heap or
 * changes errno. */
#ifndef SF_TRACE_RING_H
#define SF_TRACE_RING_H

#include <signal.h>

#include "config/config.h"
#include "trace/format.h"

extern struct sf_status sigferry_status;

/* Are records written? One relaxed load. */
static inline int sf_tracing(void)
{
    return __atomic_load_n(&sigferry_status.control.trace, __ATOMIC_RELAXED) != 0;
}

/* The replay that `sigferry ctl` has set for one signal, 0 none (enum sf_replay). One relaxed load. */
static inline unsigned sf_control_replay(int signo)
{
    return __atomic_load_n(&sigferry_status.control.replay[signo], __ATOMIC_RELAXED);
}

/* One more of it. */
void sf_count(enum sf_counter which);

/* ---- a record: NULL if there is no place for it (counted) ---- */

/* Time (CLOCK_MONOTONIC), thread, event and signal are filled; the caller fills the rest and calls sf_record_close. */
struct sf_record *sf_record_open(enum sf_event event, int tid, int signo, uint64_t time_ns);
/* The sender's part of a `signal` payload. `info` NULL: still in the kernel, nobody knows. */
void sf_record_sender(struct sf_record *r, const siginfo_t *info);
void sf_record_close(struct sf_record *r);

/* ---- file.c ---- */

/* Once, at the start. `c` stays where it is. */
void sf_file_begin(const struct sf_config *c);

/* Map the file, if that has not been tried: tracing or checking has begun. 0, or -errno (then all goes on in the
 * library's own memory). Any context; blocks all signals for some 20 microseconds, for some hundred
 * where others are removed that were left over. */
int sf_file_make(void);

/* A sandbox comes: from now on no system call is made for the record, neither here nor in children. */
void sf_file_settle(void);

/* In a forked child: away from the parent's file and numbers. Nothing in the process that they belong to. */
void sf_file_child(void);

/* Records that may be written without asking for memory; see ring.c. */
extern volatile uint64_t sf_ring_ready;
extern struct sf_record *volatile sf_ring_place;
extern volatile uint32_t sf_ring_mask;
extern struct sf_record sf_ring_static[SF_STATIC_RECORDS];
extern volatile uint32_t sf_file_state;
extern volatile uint32_t sf_file_settled; /* sf_file_settle was called */
enum { SF_FILE_NONE, SF_FILE_MAKING, SF_FILE_DONE, SF_FILE_FAILED };

/* Have the pages under [at, at + size) there, so that writing to them cannot fail: a full disk would kill the program
 * with SIGBUS. 0 or -errno. */
int sf_file_pages(const void *at, uint64_t size);
/* More than an entry itself, so that whether the next one is free can be looked at. */
#define SF_NEXT_ENTRY 16

/* ---- stat.c ---- */

extern volatile uint32_t sf_stat_made; /* handlers that have an entry */

/* One call of `handler` begins, so many nanoseconds after the arrival; it has ended, so many after the begin. */
void sf_stat_begin(int signo, uint64_t handler, uint64_t ns);
void sf_stat_run(int signo, uint64_t handler, uint64_t ns, int errno_changed);

static inline enum sf_sender sf_sender_of(const siginfo_t *info)
{
    return sf_sender_class(info->si_signo, info->si_code, info->si_pid, sigferry_status.pid);
}

/* ---- finding.c ---- */

/* A finding like *key (kind, signal, handler, called, inside and their families) has been made by thread `tid`. Known
 * already: it is counted, and NULL returned. New: an entry with these fields, count 1 and both times, for the caller to
 * add stacks and values to, and to publish with sf_finding_close. NULL with the table full (counted). Maps the file if
 * there is none yet. */
struct sf_finding *sf_finding_open(const struct sf_finding_head *key, int tid);
void sf_finding_close(struct sf_finding *f);

/* ---- module.c ---- */

/* Note what is mapped, for addresses of modules that are not in the table yet. Reads /proc/self/maps (one descriptor
 * for a moment). Cheap if `address` is known. */
void sf_module_note(uint64_t address);

#endif
