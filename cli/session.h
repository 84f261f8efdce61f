/* Several records at once, merged into one order. */
#ifndef SF_CLI_SESSION_H
#define SF_CLI_SESSION_H

#include <cli/ring.h>
#include <cli/senders.h>

struct sf_places;
struct sf_names;

/* One program in one process. A process that becomes another program is two. */
struct sf_traced {
    struct sf_traced *next;
    struct sf_ring ring;
    struct sf_names *names;   /* cli/naming.c, with the next three: what is known of its functions */
    struct sf_places *places;
    uint64_t places_at_ns;
    unsigned modules;
    int64_t realtime_ns;      /* CLOCK_REALTIME minus CLOCK_MONOTONIC */
    uint64_t started;         /* start time of the process, in the kernel's ticks; 0 not known */
    uint64_t last_ns;         /* of the newest record read */
    uint64_t told_lost;
    uint64_t looked_ns;
    int over;                 /* the process has ended, or is another program by now */
    int execs;                /* it has said that it is about to become another program */
    int was_off;              /* we have switched tracing on: switched off again at the end, and the file removed */
    struct sf_record *queue;  /* records that wait for their turn in the order: places, where the first is, how many */
    size_t room, head, queued;
    int killer;               /* the last signal that took its default action, 0 none */
    int serial;               /* counts the programs, from 0 */
    void *user;               /* of the output format */
};

/* One record whose turn has come; or, with `record` NULL, the end of a process or a loss. */
struct sf_happening {
    struct sf_traced *process;
    const struct sf_record *record;
    const struct sf_sender_name *sender; /* of a signal; NULL none */
    int64_t real_ns;                /* CLOCK_REALTIME */
    uint64_t lost;                  /* without a record: so many were lost just before */
    int gone;                       /* without a record: it ended without saying so; by this signal, -1 not known */
};

typedef void sf_take(void *arg, const struct sf_happening *h);

struct sf_session {
    struct sf_traced *first;
    struct sf_senders senders;
    sf_take *take;
    void *arg;
    size_t waiting;     /* in all queues */
    uint64_t polled_ns, calm_ns; /* when it was last polled; no storm from then on */
    /* At the last poll: there were so many records that they wait longer; a ring was getting full; more could have been
     * handed out. */
    int storm, filling, backlog;
    uint64_t records, lost; /* of all processes, those that have been forgotten included */
    int count;
};

void sf_session_begin(struct sf_session *s, sf_take *take, void *arg);

/* Take part from record ring->next on. 0 or -errno; the ring belongs to the session then. */
int sf_session_add(struct sf_session *s, struct sf_ring *ring, struct sf_traced **added);

/* Read what is there, and hand out in order what is older than `hold_ns` (0: everything); in a storm (s->storm), only
 * what is older than a second. Returns how many records were read. */
size_t sf_session_poll(struct sf_session *s, uint64_t hold_ns);

/* Is this process and program in it already? */
struct sf_traced *sf_session_find(struct sf_session *s, dev_t device, ino_t inode);

/* How many of its processes still live. */
int sf_session_alive(const struct sf_session *s);

void sf_session_end(struct sf_session *s);

uint64_t sf_monotonic(void);

#endif
