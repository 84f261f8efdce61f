/* What was found, gathered from the files that processes left, with names instead of addresses. */
#ifndef SF_CLI_FINDINGS_H
#define SF_CLI_FINDINGS_H

#include <cli/places.h>
#include <stddef.h>

enum sf_level { SF_LEVEL_NOTE, SF_LEVEL_WARNING, SF_LEVEL_ERROR };

struct sf_frames {
    int count;
    struct sf_place place[SF_FRAMES];
};

/* One finding; equal ones of one or several processes are merged. */
struct sf_found {
    int kind, signo, verdict, fd;
    int pid, tid;             /* of the first */
    char comm[16];
    uint64_t count;
    double first_s, last_s;   /* since that program began */
    uint64_t value[4];
    uint64_t handler_at;      /* its address, 0: there is none */
    struct sf_place handler;
    struct sf_place called_at;/* the call in the handler */
    char called[64], inside[64]; /* names as the source has them; "" none */
    struct sf_frames by, at;  /* the handler's stack, and that of what it interrupted */
    char shot[49];            /* provoked at the call of this function, "" not so; of this number; enum sf_provoke_at */
    uint32_t shot_count, shot_at;
    int suppressed;
};

struct sf_findings {
    struct sf_found *found;
    size_t count;
    uint64_t no_room;         /* findings that no process had a place for */
    unsigned processes;       /* files that were read */
    unsigned alive;           /* processes that still run */
};

/* Of a kind (base/findings.def): "unsafe-call", what it is, why it is wrong, what to do. NULL: no such kind. */
const char *sf_kind_name(int kind);
const char *sf_kind_what(int kind);
const char *sf_kind_why(int kind);
const char *sf_kind_remedy(int kind);
/* Is it about what met what, and not about what a handler does wherever its signal comes? */
int sf_kind_meets(int kind);
enum { SF_KINDS = 22 };

/* "error", "warning" or "note"; "native", "averted" or "potential". */
enum sf_level sf_found_level(const struct sf_found *f);
const char *sf_level_name(enum sf_level level);
const char *sf_verdict_name(int verdict);

/* Read one file, or all of a directory; add to *all. 0 or -errno. */
int sf_findings_read(struct sf_findings *all, const char *path);
void sf_findings_sort(struct sf_findings *all);
void sf_findings_free(struct sf_findings *all);

/* One sentence: "handler on_alarm of SIGALRM calls malloc, and had interrupted free". */
void sf_found_sentence(const struct sf_found *f, char *buf, size_t size);

/* The place that a reader looks at first: the call in the handler, else the handler. NULL: neither is known. */
const struct sf_place *sf_found_place(const struct sf_found *f);

#endif
