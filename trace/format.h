/* The one contract of the library (writer) and the command (reader).
 *
 * Bump rule: any change of a field's meaning, place or width bumps SF_FORMAT_VERSION. The command refuses
 * versions that it does not know and says so.
 *
 * struct sf_status lives in libsigferry.so's own writable data, exported as `sigferry_status`; the command finds its
 * address through /proc/PID/maps and the library's dynamic symbol table, and reads it with process_vm_readv. When
 * tracing or checking is wanted, a file (0600, in $XDG_RUNTIME_DIR/sigferry or /dev/shm/sigferry-UID) is mapped over
 * that very place, so that what is written there survives the process. Behind the structure the file holds the ring.
 *
 *   file: struct sf_status | struct sf_record[records]
 *
 * For as long as anybody has it mapped, one byte far behind its end is locked for reading (F_OFD_SETLK; closing the
 * descriptor does not undo that). So who can have that lock for writing knows, in whichever pid namespace, that the
 * process has ended or become another program. With that lock held a file may be removed: see trace/leftover.c.
 *
 * Fields are written with single stores; a reader copies and tolerates a stale field. A reader must take every number
 * in here for a stranger's: a process can write anything into its own memory.
 */
#ifndef SF_TRACE_FORMAT_H
#define SF_TRACE_FORMAT_H

#include <stdint.h>

#include "trace/sender.h"

#define SF_FORMAT_VERSION 9u
#define SF_FORMAT_LOCKED 8u /* since this version there is the lock */
#define SF_LOCK_AT INT64_MAX
#define SF_FORMAT_MAGIC "sigferry status\0"
#define SF_PAGE 4096

enum sf_mode {
    SF_MODE_IDLE,    /* nothing to route yet: no listener */
    SF_MODE_FERRY,   /* the listener runs */
    SF_MODE_CHILD,   /* forked, native until the first interruption point */
    SF_MODE_DIRECT   /* stepped aside: see `failure` */
};

enum sf_failure {
    SF_FAIL_NONE,
    SF_FAIL_CLONE,     /* no thread */
    SF_FAIL_SIGNALFD,  /* no signalfd, epoll or private descriptor table */
    SF_FAIL_MEMORY,
    SF_FAIL_RELAY,     /* no real-time signal left for the relays */
    SF_FAIL_DIED,      /* the listener was there and is gone */
    SF_FAIL_SYMBOL,    /* libc lacks a symbol we need */
    SF_FAIL_SECCOMP,   /* a seccomp filter refuses what a listener needs */
    SF_FAIL_PASSED     /* the program's runtime (Go's) makes its signal calls past libc */
};

enum sf_counter {
    SF_COUNT_ARRIVED,   /* signals seen by the listener or the direct door */
    SF_COUNT_REPLAYED,  /* handlers called */
    SF_COUNT_AT_POINT,  /* ... in an interruption point */
    SF_COUNT_AT_SAFE,   /* ... at a safe point */
    SF_COUNT_FORCED,    /* ... at the limit, anywhere */
    SF_COUNT_IN_PLACE,  /* ... raise and kill(self) */
    SF_COUNT_RUNNER,    /* ... on the runner thread */
    SF_COUNT_NOW,       /* ... at once, as natively */
    SF_COUNT_DIRECT,    /* came through the direct door */
    SF_COUNT_HELD,      /* had to wait */
    SF_COUNT_RELAYS,    /* relay signals sent */
    SF_COUNT_NO_SLOT,   /* pool full: left in the kernel's queue */
    SF_COUNT_LOST_WAKEUP, /* fell between a flag's check and the kernel: averted */
    SF_COUNT_CONFIG_ERRORS,
    SF_COUNT_DROPPED,   /* records that were claimed and not written: their place was still being written to */
    SF_COUNT_NO_FINDING, /* findings for which the table had no room */
    SF_COUNT_NO_MODULE, /* modules for which the table had no room */
    SF_COUNT_END
};

/* ---- one signal ---- */

/* handler: address as the program gave it (0 SIG_DFL, 1 SIG_IGN). */
struct sf_row {
    uint64_t handler;
    uint64_t sa_mask;
    uint32_t sa_flags;
    uint8_t caught;
    uint8_t routed;
    uint8_t route;   /* enum sf_route, effective */
    uint8_t replay;  /* enum sf_replay, effective */
    uint8_t wakeup;  /* 1: recognised as set_wakeup_fd-style, 2: disqualified */
    uint8_t pad[3];
    int32_t wakeup_fd; /* the descriptor it writes to, -1 unknown */
    int32_t wakeup_reader; /* the descriptor that the loop reads it from, -1 unknown */
    int32_t wakeup_tid;    /* thread that read last */
    uint64_t wakeup_reads; /* how often, and how long after the arrival of the (first) signal: sum and longest */
    uint64_t wakeup_ns, wakeup_max_ns;
    uint64_t arrived;  /* of these, by sender: */
    uint64_t from[SF_FROM_END];
    uint64_t replayed;
    uint64_t forced;
};

/* One program thread. tid 0: the row is free. */
struct sf_thread_row {
    int32_t tid;
    uint32_t point;      /* 0 running, else parked */
    uint64_t mask;       /* virtual mask; bit signo-1 */
    uint64_t held;       /* signals that wait for a safe moment */
};

/* ---- histograms ---- */

/* Log-linear: sixteen buckets for each power of two nanoseconds. The middle of a bucket is within 1/32 (3.2 %) of every
 * value in it; below 16 ns buckets are exact, and above 2^43 ns (2.4 hours) all fall into the last. */
#define SF_HIST_BUCKETS 640

static inline unsigned sf_hist_index(uint64_t ns)
{
    unsigned e;
    if (ns < 16)
        return (unsigned)ns;
    e = 63u - (unsigned)__builtin_clzll(ns);
    if (e > 42)
        return SF_HIST_BUCKETS - 1;
    return (e - 3) * 16 + (unsigned)((ns >> (e - 4)) & 15);
}
/* The least value of bucket `i`; that of bucket i + 1 ends it. */
static inline uint64_t sf_hist_low(unsigned i)
{
    return i < 16 ? i : (uint64_t)(16 + i % 16) << (i / 16 - 1);
}

struct sf_hist {
    uint64_t count, sum_ns, max_ns;
    uint64_t bucket[SF_HIST_BUCKETS];
};

/* One handler of one signal. Entries 1 to 64 belong to the signals themselves: what their handlers did for which the
 * table had no room. So a signal's total is the sum of all entries with its number. signo 0: free. */
#define SF_STATS 129
#define SF_STATS_HANDLERS 65 /* the first entry that belongs to a handler */

struct sf_stat {
    uint64_t handler;
    uint32_t signo;
    uint32_t state; /* 0 free, 1 being made, 2 in use */
    uint64_t errno_changed;
    uint64_t spare;
    struct sf_hist wait; /* arrival to begin */
    struct sf_hist run;  /* begin to end, handlers that interrupted it included */
};

/* ---- findings of `sigferry check` ---- */

#define SF_FINDINGS 256
#define SF_PCS 16
#define SF_REGS 34
#define SF_RAW 4096

/* Where a thread was. `reg` and `raw` let the reader unwind by the modules' own tables after the process has ended;
 * `pc` is what could be told at once. Registers have their DWARF numbers. */
struct sf_stack {
    uint64_t pc[SF_PCS];   /* innermost first; 0 ends the list */
    uint64_t reg[SF_REGS]; /* x86_64: 0 to 15, 16 the program counter; aarch64: 0 to 31, 32 the program counter */
    uint64_t raw_at;       /* the address that raw[0] was copied from (the stack pointer) */
    uint32_t raw_size;     /* bytes that were copied */
    uint32_t regs;         /* registers that are filled; 0: none */
    uint8_t raw[SF_RAW];
};

enum sf_verdict {
    SF_VERDICT_NONE,
    SF_VERDICT_NATIVE,    /* it did happen */
    SF_VERDICT_AVERTED,   /* it had happened natively, and did not here */
    SF_VERDICT_POTENTIAL  /* it may happen: nothing kept it from doing so but chance */
};

/* What makes findings equal, and how often there was this one. */
struct sf_finding_head {
    volatile uint32_t state; /* 0 free, 1 being written, 2 whole */
    uint16_t kind;           /* numbers of findings: theirs is the table in base/findings.def */
    uint8_t signo;
    uint8_t verdict;         /* enum sf_verdict */
    int32_t tid;
    int32_t fd;              /* a descriptor concerned, or -1 */
    uint64_t count;
    uint64_t first_ns, last_ns; /* CLOCK_MONOTONIC */
    uint64_t handler;
    uint64_t called_pc;      /* where the handler called what it should not */
    uint64_t inside_pc;      /* where the interrupted thread was */
    uint32_t called_family, inside_family; /* of the table of guarded functions */
    char called[48];         /* name of the function called; "" none */
    char inside[48];         /* name of the function interrupted; "" none or not known */
    uint64_t value[4];       /* of this kind: errno, masks, nanoseconds, ... */
    char shot[48];           /* --provoke: it came at the call of this function, "" or not known; ... */
    uint32_t shot_count;     /* ... of this number ... */
    uint32_t shot_at;        /* ... enum sf_provoke_at, nanoseconds << 2 */
};

struct sf_finding {
    struct sf_finding_head head;
    struct sf_stack handler_stack, inside_stack;
};

/* ---- modules ---- */

/* What was mapped where, so that addresses can be told apart after the process has ended. */
#define SF_MODULES 192
#define SF_BUILD_ID 20

struct sf_module {
    uint64_t begin, end; /* addresses: of the first byte of the file, and behind its last mapping; begin 0: free */
    uint8_t build_id_size;
    uint8_t build_id[SF_BUILD_ID];
    uint8_t pad[3];
    char path[232];      /* the end of it, if it is longer */
};

/* ---- the ring ---- */

enum sf_event {
#define SF_EVENT(name, text, payload) SF_EV_##name,
#include "base/events.def"
#undef SF_EVENT
    SF_EV_END_OF_LIST
};

/* Why a signal waits. */
enum sf_why { SF_WHY_NONE, SF_WHY_BLOCKED, SF_WHY_GUARDED, SF_WHY_NO_POINT, SF_WHY_BUSY, SF_WHY_RUNNER, SF_WHY_ENDS };

/* What sent it. */
enum sf_send {
    SF_SEND_NONE, SF_SEND_KILL, SF_SEND_KILLPG, SF_SEND_RAISE, SF_SEND_TGKILL, SF_SEND_PTHREAD_KILL, SF_SEND_SIGQUEUE,
    SF_SEND_PTHREAD_SIGQUEUE, SF_SEND_PIDFD, SF_SEND_ABORT, SF_SEND_ALARM, SF_SEND_SETITIMER, SF_SEND_TIMER_SETTIME
};

/* One record: 64 bytes.
 *
 * Record number n (from 0, counted by sf_status.next) lies in place n % records. A writer takes its number, and then
 * the place, if that is not being written to: seq becomes 2n+1 (odd: not to be read), and when all is there 2n+2. Else
 * it gives up and counts SF_COUNT_DROPPED. A reader copies a record and takes it if seq was 2n+2 before and after.
 * Of `next` records, those that a reader got and those that it lost add up. */
struct sf_record {
    uint64_t seq;
    uint64_t time_ns; /* CLOCK_MONOTONIC */
    int32_t tid;      /* the thread concerned; 0: none, or none yet */
    uint8_t event;    /* enum sf_event; which member of the union is filled: base/events.def */
    uint8_t signo;    /* 0: none */
    uint8_t at;       /* BEGIN, END: enum sf_counter of the kind of point; SEND: enum sf_send */
    uint8_t depth;    /* handlers of the program that run on this thread, this one included */
    union {
        struct {
            int32_t pid;       /* of the sender; 0: kernel, or outside this pid namespace */
            uint32_t uid;
            int32_t code;      /* si_code */
            int32_t error;     /* BEGIN: errno of the interrupted code */
            uint64_t value;    /* si_value; SIGCHLD: si_status; faults: si_addr */
            uint64_t handler;
            uint64_t wait_ns;  /* BEGIN: since arrival */
        } signal;
        struct {
            uint64_t handler;
            uint64_t run_ns;
            int32_t error, error_after; /* errno before and after the handler */
            int32_t call;      /* number of the interrupted system call, -1 none or not known */
            int32_t result;    /* how that ends: -EINTR, or SF_RESTARTED */
            uint64_t pc;       /* of the interrupted code */
        } done;
        struct {
            uint32_t why;      /* enum sf_why */
            uint32_t family;   /* GUARDED: of the guarded function, base/families.def */
            uint64_t since_ns; /* arrival, CLOCK_MONOTONIC */
            uint64_t mask;     /* BLOCKED: the thread's virtual mask */
            uint64_t spare[2];
        } wait;
        struct {
            uint64_t handler, old_handler;
            uint64_t mask;
            uint32_t flags, old_flags;
            uint64_t caller;   /* return address of the program's call */
        } action;
        struct {
            uint64_t mask, old_mask;
            uint64_t caller;
            uint64_t spare[2];
        } mask;
        struct {
            int32_t pid, tid;  /* as given: a process, a group (negative), a thread */
            int32_t result;    /* 0 or -errno */
            int32_t spare;
            uint64_t value;    /* sigval; timers: the first expiration, in ns */
            uint64_t caller;
            uint64_t period_ns; /* timers */
        } send;
        struct {
            int32_t pid;
            int32_t status;
            uint64_t caller;
            uint64_t spare[3];
        } process;
        struct {
            int32_t fd, reader; /* written to, and read from */
            uint64_t wait_ns;   /* from the arrival of the first signal that was not read yet */
            uint64_t spare[3];
        } wakeup;
        struct {
            int32_t pid;       /* as in `signal`: of the instance that was dropped */
            uint32_t uid;
            int32_t code;
            uint32_t count;    /* so many; more than one only of a timer's expirations: si_overrun */
            uint64_t value;
            uint64_t spare[2];
        } merged;              /* what is known of it: engine/merge.c */
        struct {
            int32_t pid;       /* as in `signal` */
            uint32_t uid;
            int32_t code;
            int32_t fd;        /* the signalfd, -1 sigwait and its relatives */
            uint64_t value;
            uint64_t spare;
            uint64_t wait_ns;  /* since it was seen to pend; 0: it was taken at once */
        } taken;
        struct {
            int32_t pid;
            uint32_t piece;    /* from 0 */
            char text[32];     /* not terminated if it is full */
        } text;
        uint64_t word[5];
    };
};

#define SF_RESTARTED INT32_MIN
#define SF_AT_JUMPED 255               /* END, in `at`: the handler was left by a jump */
#define SF_SENDER_GONE UINT32_MAX      /* COMM, in `piece`: it was gone before it could be looked up */
#define SF_STATIC_RECORDS 512          /* of the ring in the library's own memory, for want of a file */
#define SF_LEAST_RECORDS 1024          /* of a file's; always a power of two */
#define SF_MOST_RECORDS (4u << 20)
#define SF_THREAD_ROWS 64

/* ---- the whole ---- */

/* Written by the command, read by the library, each field with one load. Others than the owner of the file have no
 * access to it. After a change `generation` is counted up, and the listener is poked with the first relay signal. */
struct sf_control {
    uint32_t generation;
    uint32_t trace;      /* 1: records are written */
    uint8_t replay[65];  /* enum sf_replay for each signal; 0: as configured */
};

struct sf_status {
    /* The first page has all that is written to in a program that starts and ends: what the process is, ... */
    char magic[16];
    uint32_t version;
    uint32_t size; /* of this struct */
    int32_t pid;   /* of the process that wrote it; differs in a child that has not yet begun anew */
    uint32_t mode;
    uint32_t failure;
    int32_t failure_errno;
    int32_t listener_tid;
    int32_t runner_tid;
    int32_t relay[2]; /* signal numbers: without and with SA_RESTART */
    /* The reader fills `thread` from the live lanes: address, count in use, size of one, and where in it are state
     * (2: in use), tid, point (32 bits each), virtual mask and held (64 bits each). The writer does no work. */
    uint64_t lanes;
    uint64_t lane_high; /* address of a 32-bit count */
    uint32_t lane_size, at_state, at_tid, at_point, at_mask, at_held;
    int32_t ppid;
    uint32_t uid;
    uint64_t began_ns;     /* CLOCK_MONOTONIC, when this program began (the file may be younger); 0 not yet */
    int64_t realtime_ns;   /* CLOCK_REALTIME minus CLOCK_MONOTONIC, when the file was made; 0 without one */
    uint32_t in_file;      /* 1: a file is mapped here */
    uint32_t file_errno;   /* why there is none although it was wanted */
    uint32_t record_size;  /* of struct sf_record */
    uint32_t records;      /* places of the ring */
    uint64_t ring;         /* address of the ring; in the file it begins at `size` */
    uint32_t ended;        /* 1: exit; 2: another program (exec) took its place. 0 also after a kill */
    int32_t ended_status;
    char comm[16];
    char config_error[160];
    char file[256];        /* path of the file, "" none */
    uint64_t left_ns;      /* CLOCK_MONOTONIC, when another process found that this one had ended; 0: none has */

    struct sf_control control __attribute__((aligned(64)));

    /* Records ever claimed. On a cache line of its own: every writer counts it. */
    uint64_t next __attribute__((aligned(64)));
    uint64_t counter[SF_COUNT_END] __attribute__((aligned(64)));
    /* ... and the signals up to 20. */
    struct sf_row row[65] __attribute__((aligned(64)));
    struct sf_thread_row thread[SF_THREAD_ROWS]; /* the first so many threads; filled by the reader */
    /* Up to here the pages are always there; behind they come with their first use. */
    struct sf_module module[SF_MODULES] __attribute__((aligned(SF_PAGE)));
    struct sf_stat stat[SF_STATS] __attribute__((aligned(SF_PAGE)));
    struct sf_finding finding[SF_FINDINGS] __attribute__((aligned(SF_PAGE)));
} __attribute__((aligned(SF_PAGE)));

#endif
