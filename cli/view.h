/* What `sigferry signals` shows, gathered once, printed as a table or as JSON. */
#ifndef SF_CLI_VIEW_H
#define SF_CLI_VIEW_H

#include <cli/proc.h>
#include <cli/status.h>
#include <cli/symbols.h>
#include <cli/waits.h>

struct sf_view {
    struct sf_proc proc;
    struct sf_status status;
    struct sf_symbols *symbols;
    struct sf_signalfds signalfds;
    int all; /* also the signals about which there is nothing to say */
};

/* Is there anything to say about this signal? */
int sf_view_shows(const struct sf_view *v, int signo);

/* Words for the columns. Each fills and returns `buf`. */
const char *sf_view_handler(const struct sf_view *v, int signo, char *buf, unsigned size);
const char *sf_view_flags(uint32_t flags, char *buf, unsigned size);
const char *sf_view_blocked(const struct sf_view *v, int signo, char *buf, unsigned size);
const char *sf_view_pending(const struct sf_view *v, int signo, char *buf, unsigned size);
const char *sf_view_wakeup(const struct sf_view *v, int signo, char *buf, unsigned size);
const char *sf_view_mode(const struct sf_status *s);
const char *sf_view_failure(const struct sf_status *s); /* "" none */
const char *sf_view_replay(const struct sf_status *s, int signo); /* that of `sigferry ctl` goes first */

void sf_table_print(const struct sf_view *v);
void sf_json_print(const struct sf_view *v);

#endif
