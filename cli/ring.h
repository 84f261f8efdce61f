/* The record of one process: read from its file, or out of its memory while it lives. Nothing that stands in it is
 * believed: neither sizes nor numbers nor texts. */
#ifndef SF_CLI_RING_H
#define SF_CLI_RING_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <trace/format.h>

struct sf_ring {
    int fd;            /* of the file, -1: read from the memory of `pid` */
    pid_t pid;         /* as the process itself knows it */
    pid_t outer;       /* in our own pid namespace; 0 not looked for (sf_ring_locate), or it has ended */
    uintptr_t address; /* of the structure there */
    char path[512];    /* "" none */
    dev_t device;
    ino_t inode;
    uint64_t next;     /* the record that is read next */
    uint64_t lost;     /* records that were overwritten before they were read, or never became whole */
    uint64_t pending_ns; /* since when that one is not whole; 0 */
    uint32_t records;
    uintptr_t ring;    /* address of the ring, without a file */
    struct sf_status *status; /* the head as of the last refresh; behind `thread` only after sf_ring_whole */
};

/* 0 or -errno: -EPROTO another version (ring->status->version, if it came so far), -ENOEXEC it is no such file, -EAGAIN
 * it has not begun yet, and what the kernel says. In any case sf_ring_close may follow. */
int sf_ring_open_file(const char *path, struct sf_ring *ring);
/* The same for a file that is open; `fd` is the ring's then. */
int sf_ring_open_fd(int fd, const char *path, struct sf_ring *ring);
int sf_ring_open_process(pid_t pid, struct sf_ring *ring);
void sf_ring_close(struct sf_ring *ring);

/* Read the head anew; or all of it, with modules, histograms and findings. 0 or -errno. */
int sf_ring_refresh(struct sf_ring *ring);
int sf_ring_whole(struct sf_ring *ring);
int sf_ring_modules(struct sf_ring *ring); /* the table of modules alone */

/* The next records that are whole, in order: how many (at most `max`), 0 none at the moment. `now_ns`: CLOCK_MONOTONIC;
 * a record that stays unfinished for `patience_ns`, or while half of the ring fills up, is given up as lost. -errno where the
 * process is gone. */
long sf_ring_read(struct sf_ring *ring, struct sf_record *to, size_t max, uint64_t now_ns, uint64_t patience_ns);

/* Find the process that writes the file. */
void sf_ring_locate(struct sf_ring *ring);

/* When a file of this path or name was made (CLOCK_MONOTONIC); 0 it is no ring's. */
uint64_t sf_ring_made_ns(const char *path);
/* Has the process had its ring before then? */
int sf_ring_older(const struct sf_ring *ring, uint64_t since_ns);

/* The number that a process has in its own namespace, the innermost one; 0 it is gone. */
int sf_ring_inner_pid(pid_t pid);

/* Has the process that wrote it ended, or become another program? 1 or 0. */
int sf_ring_over(const struct sf_ring *ring);

/* control.c: write the controls and tell the listener. 0 or -errno. */
int sf_ring_trace(struct sf_ring *ring, int on);
int sf_ring_replay(struct sf_ring *ring, int signo, unsigned replay);

#endif
