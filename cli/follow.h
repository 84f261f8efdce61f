/* Following processes: those that write their rings into one directory, or those that are named. */
#ifndef SF_CLI_FOLLOW_H
#define SF_CLI_FOLLOW_H

#include <cli/filter.h>
#include <cli/kin.h>
#include <cli/seen.h>
#include <cli/session.h>
#include <cli/writer.h>
#include <signal.h>

struct sf_joining;

struct sf_follow {
    struct sf_session session;
    struct sf_filter filter;
    struct sf_writer writer;
    char directory[4000];       /* where new rings are looked for, "" nowhere */
    uint64_t since_ns;          /* older files there are none of ours, CLOCK_MONOTONIC */
    int private;                /* all that is there is ours, and goes when it has been read */
    struct sf_joining *joining; /* named processes without a file as yet */
    struct sf_kin kin;          /* with `with_kin`: what they make and become */
    int with_kin;
    struct sf_seen seen;        /* files that have been looked at */
    pid_t heir;                 /* a descendant that has not joined, 0 none */
    int error;                  /* errno of the output, 0 none; from then on nothing is written */
    volatile sig_atomic_t alone;  /* the program has ended: its descendants may live on */
    volatile sig_atomic_t stop;
};

void sf_follow_begin(struct sf_follow *f);

/* A new directory for the rings of one run, named in the environment. 0, or an exit status after a message. */
int sf_follow_directory(struct sf_follow *f);

/* A running process, from now on: tracing is switched on there. 0, or an exit status after a message. */
int sf_follow_process(struct sf_follow *f, pid_t pid);

/* What a process has left, or still writes to. 0, or an exit status after a message. */
int sf_follow_file(struct sf_follow *f, const char *path);

/* Until f->stop, or there is nobody left (with f->private: and f->alone). Leaves no file behind. */
void sf_follow_run(struct sf_follow *f);

/* Why a record cannot be read, in one line. Returns SF_EXIT_NONE. */
int sf_ring_fail(pid_t pid, const struct sf_ring *ring, int err);

#endif
