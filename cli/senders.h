/* Who sent it: names of processes that may be gone by now. */
#ifndef SF_CLI_SENDERS_H
#define SF_CLI_SENDERS_H

#include <stdint.h>
#include <trace/format.h>

enum { SF_SENDERS = 1024, SF_CMDLINE = 128 };

struct sf_sender_name {
    int pid;             /* 0: the slot is free */
    int gone;            /* it was when we looked */
    uint64_t at_ns;      /* when that was, CLOCK_MONOTONIC */
    char comm[33];
    char cmdline[SF_CMDLINE + 1];
};

struct sf_senders {
    struct sf_sender_name slot[SF_SENDERS];
};

/* What the library's listener has found out: COMM and CMDLINE records. */
void sf_senders_told(struct sf_senders *s, const struct sf_record *r);

/* A signal from `pid` has just been read: have a look, unless somebody has had one. */
void sf_senders_look(struct sf_senders *s, int pid, uint64_t at_ns);

/* A process of the session itself. */
void sf_senders_know(struct sf_senders *s, int pid, const char *comm, uint64_t at_ns);

/* NULL: nothing is known. */
const struct sf_sender_name *sf_senders_find(const struct sf_senders *s, int pid);

#endif
