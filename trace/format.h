/* The one contract of the library (writer) and the command (reader).
 *
 * Bump rule: any change of a field's meaning, place or width bumps SF_FORMAT_VERSION. The command refuses
 * versions that it does not know and says so.
 *
 * The object `sigferry_status` lives in libsigferry.so's own writable data and is exported; the command finds
 * its address through /proc/PID/maps and the library's dynamic symbol table, and reads it with
 * process_vm_readv. Fields are written with single stores; a reader copies and tolerates a stale field.
 */
#ifndef SF_TRACE_FORMAT_H
#define SF_TRACE_FORMAT_H

#include <stdint.h>

#define SF_FORMAT_VERSION 1u
#define SF_FORMAT_MAGIC "sigferry status\0"

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
    SF_FAIL_SYMBOL     /* libc lacks a symbol we need */
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
    SF_COUNT_END
};

/* One signal. handler: address as the program gave it (0 SIG_DFL, 1 SIG_IGN). */
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
    uint64_t replayed;
};

/* One program thread. tid 0: the row is free. */
struct sf_thread_row {
    int32_t tid;
    uint32_t point;      /* 0 running, else parked */
    uint64_t mask;       /* virtual mask; bit signo-1 */
    uint64_t held;       /* signals that wait for a safe moment */
};

enum sf_event { SF_EV_NONE, SF_EV_ARRIVE, SF_EV_BEGIN, SF_EV_END, SF_EV_FORCED, SF_EV_MODE };

/* One record of the ring; 64 bytes. `seq` is written last (odd while being written). */
struct sf_record {
    uint64_t seq;
    uint64_t time_ns; /* CLOCK_MONOTONIC */
    uint64_t handler;
    int32_t tid;
    int32_t sender_pid;
    uint32_t sender_uid;
    int32_t si_code;
    uint8_t event; /* enum sf_event */
    uint8_t signo;
    uint8_t point; /* enum sf_counter of the kind of point */
    uint8_t pad;
    int32_t value;
    uint64_t wait_ns; /* BEGIN: arrival to begin; END: begin to end */
    uint64_t reserved;
};

#define SF_RING_RECORDS 512
#define SF_THREAD_ROWS 64

struct sf_status {
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
    uint64_t counter[SF_COUNT_END];
    struct sf_row row[65];
    struct sf_thread_row thread[SF_THREAD_ROWS]; /* the first so many threads; filled by the reader */
    /* The reader fills `thread` from the live lanes: address, count in use, size of one, and where in it are state
     * (2: in use), tid, point (32 bits each), virtual mask and held (64 bits each). The writer does no work. */
    uint64_t lanes;
    uint64_t lane_high; /* address of a 32-bit count */
    uint32_t lane_size, at_state, at_tid, at_point, at_mask, at_held;
    char config_error[160];
    uint64_t ring_next; /* records ever claimed; older than SF_RING_RECORDS ones are overwritten */
    struct sf_record ring[SF_RING_RECORDS];
};

#endif
