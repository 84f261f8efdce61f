/* The view for people. */
#include <cli/view.h>

#include <base/names.h>
#include <config/config.h>
#include <stdio.h>
#include <string.h>

enum { COLUMNS = 9, CELL = 160 };

static const char *const titles[COLUMNS] = { "SIGNAL",  "HANDLER",  "FLAGS",   "ROUTE",  "REPLAY",
                                             "BLOCKED", "PENDING", "REPLAYED", "WAKE-UP" };

/* What is true of the whole process. Lines without content are left out, so that trouble stands out. */
static void print_header(const struct sf_view *v)
{
    const struct sf_status *s = &v->status;
    const uint64_t *count = s->counter;
    char name[2][16];

    printf("process   %d (%s)\n", (int)v->proc.pid, v->proc.comm);
    printf("mode      %s\n", sf_view_mode(s));
    if (s->failure)
        printf("reason    %s%s%s\n", sf_view_failure(s), s->failure_errno ? ": " : "",
               s->failure_errno ? strerror(s->failure_errno < 0 ? -s->failure_errno : s->failure_errno) : "");
    if (s->pid != v->proc.pid)
        printf("note      the record is that of process %d, from which this one was forked\n", s->pid);
    if (s->listener_tid > 0)
        printf("listener  thread %d\n", s->listener_tid);
    if (s->runner_tid > 0)
        printf("runner    thread %d\n", s->runner_tid);
    if (s->relay[0] > 0 && s->relay[1] > 0)
        printf("relays    %s, %s\n", sf_signal_name(s->relay[0], name[0]), sf_signal_name(s->relay[1], name[1]));
    if (s->config_error[0])
        printf("config    %.*s\n", (int)sizeof s->config_error, s->config_error);
    printf("signals   arrived %llu, replayed %llu (in place %llu, at a point %llu, at a safe point %llu, helper %llu, "
           "forced %llu)\n",
           (unsigned long long)count[SF_COUNT_ARRIVED], (unsigned long long)count[SF_COUNT_REPLAYED],
           (unsigned long long)count[SF_COUNT_IN_PLACE], (unsigned long long)count[SF_COUNT_AT_POINT],
           (unsigned long long)count[SF_COUNT_AT_SAFE], (unsigned long long)count[SF_COUNT_RUNNER],
           (unsigned long long)count[SF_COUNT_FORCED]);
}

/* One signal's cells. What applies to caught signals only stays empty for the others, and is printed as "-". */
static void fill_row(const struct sf_view *v, int signo, char cell[COLUMNS][CELL])
{
    const struct sf_row *row = &v->status.row[signo];
    char name[16];

    memset(cell, 0, COLUMNS * CELL);
    snprintf(cell[0], CELL, "%s", sf_signal_name(signo, name));
    sf_view_handler(v, signo, cell[1], CELL);
    if (row->caught) {
        sf_view_flags(row->sa_flags, cell[2], CELL);
        /* Caught but not routed: by the configuration, or because it is a fault. The kernel calls the handler. */
        snprintf(cell[3], CELL, "%s", row->routed ? sf_route_name((enum sf_route)row->route) : "direct");
        snprintf(cell[4], CELL, "%s", row->routed ? sf_view_replay(&v->status, signo) : "now");
    }
    sf_view_blocked(v, signo, cell[5], CELL);
    sf_view_pending(v, signo, cell[6], CELL);
    if (row->caught || row->replayed)
        snprintf(cell[7], CELL, "%llu", (unsigned long long)row->replayed);
    sf_view_wakeup(v, signo, cell[8], CELL);
    for (int c = 0; c < COLUMNS; c++)
        if (!cell[c][0])
            strcpy(cell[c], "-");
}

/* The last column is not padded: no line ends in blanks. */
static void print_cells(const char *const cell[COLUMNS], const int width[COLUMNS])
{
    for (int c = 0; c < COLUMNS; c++)
        printf("%-*s%s", c == COLUMNS - 1 ? 0 : width[c], cell[c], c == COLUMNS - 1 ? "\n" : "  ");
}

/* All cells are made before the first is printed, since columns are as wide as their widest cell. */
static void print_signals(const struct sf_view *v)
{
    static char cell[SF_NSIG][COLUMNS][CELL];
    const char *row[COLUMNS];
    int width[COLUMNS], shown = 0;

    for (int c = 0; c < COLUMNS; c++)
        width[c] = (int)strlen(titles[c]);
    for (int s = 1; s < SF_NSIG; s++) {
        if (!sf_view_shows(v, s))
            continue;
        fill_row(v, s, cell[s]);
        shown++;
        for (int c = 0; c < COLUMNS; c++)
            if ((int)strlen(cell[s][c]) > width[c])
                width[c] = (int)strlen(cell[s][c]);
    }
    if (!shown) {
        puts("\nno signal is caught, ignored, blocked or pending");
        return;
    }
    putchar('\n');
    print_cells(titles, width);
    for (int s = 1; s < SF_NSIG; s++) {
        if (!sf_view_shows(v, s))
            continue;
        for (int c = 0; c < COLUMNS; c++)
            row[c] = cell[s][c];
        print_cells(row, width);
    }
}

/* Without SIG: masks are long. */
static void print_set(uint64_t set)
{
    char name[16];
    int said = 0;

    for (int s = 1; s < SF_NSIG; s++)
        if ((set >> (s - 1)) & 1)
            printf("%s%s", said++ ? "," : "", sf_signal_name(s, name) + 3);
    if (!said)
        putchar('-');
}

static void print_threads(const struct sf_view *v)
{
    int rows = 0;

    for (int i = 0; i < SF_THREAD_ROWS; i++) {
        const struct sf_thread_row *t = &v->status.thread[i];

        if (!t->tid)
            continue;
        printf("%sthread %d  %s  blocks ", rows++ ? "" : "\n", t->tid, t->point ? "waits in an interruption point" : "runs");
        print_set(t->mask);
        if (t->held) {
            printf("  held ");
            print_set(t->held);
        }
        putchar('\n');
    }
    if (rows == SF_THREAD_ROWS)
        printf("(the first %d threads)\n", SF_THREAD_ROWS);
}

void sf_table_print(const struct sf_view *v)
{
    print_header(v);
    print_signals(v);
    print_threads(v);
}
