#include <cli/metrics.h>

#include <base/names.h>
#include <base/sigset.h>
#include <cli/findings.h>
#include <cli/words.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-journal.h>

enum family { ARRIVED, WAIT, RUN, ERRNO, FORCED, FINDINGS, WAKEUPS, RECORDS, DROPPED, PROCESSES, ASIDE, FAMILIES };

static const struct {
    const char *name, *type, *help;
    const char *notable; /* what the journal is told, NULL nothing */
} families[FAMILIES] = {
    [ARRIVED] = { "sigferry_signals_arrived", "counter", "Signals that arrived, by class of sender.", NULL },
    [WAIT] = { "sigferry_handler_wait_seconds", "histogram", "From a signal's arrival to the begin of its handler.", NULL },
    [RUN] = { "sigferry_handler_run_seconds", "histogram", "How long handlers ran.", NULL },
    [ERRNO] = { "sigferry_handler_errno_changed", "counter", "Handlers that left errno changed.", NULL },
    [FORCED] = { "sigferry_handlers_forced", "counter", "Handlers that were called anywhere, at the limit.", "handlers forced at the limit" },
    [FINDINGS] = { "sigferry_findings", "counter", "Defects of handlers that were seen, by kind and verdict.", "findings" },
    [WAKEUPS] = { "sigferry_lost_wakeups_averted", "counter", "Signals between a flag's check and the wait, averted.", NULL },
    [RECORDS] = { "sigferry_records", "counter", "Records written to rings.", NULL },
    [DROPPED] = { "sigferry_records_dropped", "counter", "Records for which there was no place.", "records dropped" },
    [PROCESSES] = { "sigferry_processes", "gauge", "Processes that have the library in them.", NULL },
    [ASIDE] = { "sigferry_stepped_aside", "gauge", "Processes in which the library has stepped aside.", "processes stepped aside" },
};

/* ---- series ---- */

static struct sf_series *series_of(struct sf_series **list, unsigned family, const char *labels)
{
    struct sf_series *s;

    for (; *list && ((*list)->family < family || ((*list)->family == family && strcmp((*list)->labels, labels) < 0)); list = &(*list)->next)
        ;
    if (*list && (*list)->family == family && !strcmp((*list)->labels, labels))
        return *list;
    s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->family = family;
    snprintf(s->labels, sizeof s->labels, "%s", labels);
    s->next = *list;
    *list = s;
    return s;
}

static void add(struct sf_series **list, unsigned family, const char *labels, uint64_t value)
{
    struct sf_series *s = series_of(list, family, labels);

    if (s)
        s->value += value;
}

static void add_hist(struct sf_series **list, unsigned family, const char *labels, const struct sf_hist *h)
{
    struct sf_series *s = series_of(list, family, labels);

    if (s && !s->hist)
        s->hist = calloc(1, sizeof *s->hist);
    if (s && s->hist)
        sf_hist_add(s->hist, h);
}

static void free_series(struct sf_series **list)
{
    struct sf_series *s;

    while ((s = *list)) {
        *list = s->next;
        free(s->hist);
        free(s);
    }
}

/* ---- from processes ---- */

/* A label's value: UTF-8 there, and names are bytes of any kind. */
static void label(char *to, size_t size, const char *name, const char *value)
{
    size_t n = strlen(to);

    n += (size_t)snprintf(to + n, size - n, "%s%s=\"", n ? "," : "", name);
    for (; *value && n + 4 < size; value++) {
        if (*value == '"' || *value == '\\')
            to[n++] = '\\';
        to[n++] = (unsigned char)*value < 32 || (unsigned char)*value > 126 ? '?' : *value;
    }
    to[n] = 0;
    if (n + 2 < size)
        strcat(to, "\"");
}

static const char *program_of(struct sf_guest *g)
{
    char path[64], comm[32] = "?";
    FILE *f;

    if (g->user)
        return g->user;
    snprintf(path, sizeof path, "/proc/%d/comm", (int)g->ring.pid);
    f = fopen(path, "re");
    if (f && fgets(comm, sizeof comm, f))
        comm[strcspn(comm, "\n")] = 0;
    if (f)
        fclose(f);
    g->user = strdup(comm);
    return g->user ? g->user : "?";
}

static void add_signals(struct sf_series **list, struct sf_guest *g, const char *program)
{
    const struct sf_status *s = g->ring.status;
    char base[256], labels[512], name[16];

    for (int signo = 1; signo < 65; signo++) {
        const struct sf_row *row = &s->row[signo];

        base[0] = 0;
        label(base, sizeof base, "program", program);
        label(base, sizeof base, "signal", sf_signal_name(signo, name));
        for (unsigned c = 0; c < SF_FROM_END; c++)
            if (row->from[c]) {
                strcpy(labels, base);
                label(labels, sizeof labels, "sender", sf_word_sender(c));
                add(list, ARRIVED, labels, row->from[c]);
            }
        if (row->caught || row->forced)
            add(list, FORCED, base, row->forced);
    }
}

static void add_handlers(struct sf_series **list, struct sf_guest *g, const char *program)
{
    for (int i = 1; i < SF_STATS; i++) {
        const struct sf_stat *e = &g->ring.status->stat[i];
        char labels[512] = "", text[200] = "(others)", name[16];

        if (e->state != 2 || e->signo < 1 || e->signo > 64)
            continue;
        if (e->handler)
            sf_guest_symbol(g, e->handler, text, sizeof text);
        label(labels, sizeof labels, "program", program);
        label(labels, sizeof labels, "signal", sf_signal_name((int)e->signo, name));
        label(labels, sizeof labels, "handler", text);
        add_hist(list, WAIT, labels, &e->wait);
        add_hist(list, RUN, labels, &e->run);
        add(list, ERRNO, labels, e->errno_changed);
    }
}

static void add_findings(struct sf_series **list, struct sf_guest *g, const char *program)
{
    for (int i = 0; i < SF_FINDINGS; i++) {
        const struct sf_finding_head *f = &g->ring.status->finding[i].head;
        char labels[512] = "";

        if (f->state != 2)
            continue;
        label(labels, sizeof labels, "program", program);
        label(labels, sizeof labels, "kind", sf_kind_name(f->kind) ? sf_kind_name(f->kind) : "unknown");
        label(labels, sizeof labels, "verdict", sf_verdict_name(f->verdict));
        add(list, FINDINGS, labels, f->count);
    }
}

/* `alive`: it counts as a process. */
static void add_guest(struct sf_series **list, struct sf_guest *g, int alive)
{
    const struct sf_status *s = g->ring.status;
    const char *program = program_of(g);
    char labels[512] = "";

    label(labels, sizeof labels, "program", program);
    add_signals(list, g, program);
    add_handlers(list, g, program);
    add_findings(list, g, program);
    add(list, WAKEUPS, labels, s->counter[SF_COUNT_LOST_WAKEUP]);
    add(list, RECORDS, labels, s->next);
    add(list, DROPPED, labels, s->counter[SF_COUNT_DROPPED]);
    add(list, PROCESSES, labels, alive != 0);
    add(list, ASIDE, labels, alive && s->mode == SF_MODE_DIRECT && s->failure);
}

static void leaves(void *arg, struct sf_guest *g)
{
    struct sf_metrics *m = arg;

    add_guest(&m->gone, g, 0);
    free(g->user);
    g->user = NULL;
}

void sf_metrics_begin(struct sf_metrics *m)
{
    memset(m, 0, sizeof *m);
    pthread_mutex_init(&m->lock, NULL);
    m->host.leaves = leaves;
    m->host.arg = m;
}

void sf_metrics_look(struct sf_metrics *m)
{
    struct sf_series *had, *s;

    pthread_mutex_lock(&m->lock);
    had = m->all;
    m->all = NULL;
    sf_host_look(&m->host);
    for (s = m->gone; s; s = s->next) {
        if (s->hist)
            add_hist(&m->all, s->family, s->labels, s->hist);
        else
            add(&m->all, s->family, s->labels, s->value);
    }
    for (struct sf_guest *g = m->host.first; g; g = g->next)
        add_guest(&m->all, g, 1);
    for (const struct sf_series *o = had; o; o = o->next)
        if (o->told && (s = series_of(&m->all, o->family, o->labels)))
            s->told = o->told;
    free_series(&had);
    pthread_mutex_unlock(&m->lock);
}

/* ---- out ---- */

/* Bounds are powers of two nanoseconds: there our buckets end, too, so that nothing is guessed. */
static void write_hist(const struct sf_series *s, FILE *out)
{
    const char *name = families[s->family].name;
    uint64_t seen = 0;
    unsigned i = 0;

    for (unsigned e = 10; e <= 36; e += 2) {
        for (; i < SF_HIST_BUCKETS && sf_hist_low(i) < (uint64_t)1 << e; i++)
            seen += s->hist->bucket[i];
        fprintf(out, "%s_bucket{%s,le=\"%.9g\"} %" PRIu64 "\n", name, s->labels, (double)((uint64_t)1 << e) / 1e9, seen);
    }
    for (; i < SF_HIST_BUCKETS; i++)
        seen += s->hist->bucket[i];
    fprintf(out, "%s_bucket{%s,le=\"+Inf\"} %" PRIu64 "\n", name, s->labels, seen);
    fprintf(out, "%s_count{%s} %" PRIu64 "\n", name, s->labels, seen);
    fprintf(out, "%s_sum{%s} %.9f\n", name, s->labels, (double)s->hist->sum_ns / 1e9);
}

void sf_metrics_write(struct sf_metrics *m, FILE *out)
{
    const struct sf_series *s;

    pthread_mutex_lock(&m->lock);
    s = m->all;
    for (unsigned f = 0; f < FAMILIES; f++) {
        int counts = !strcmp(families[f].type, "counter");

        fprintf(out, "# TYPE %s %s\n# HELP %s %s\n", families[f].name, families[f].type, families[f].name, families[f].help);
        for (; s && s->family == f; s = s->next) {
            if (s->hist)
                write_hist(s, out);
            else
                fprintf(out, "%s%s{%s} %" PRIu64 "\n", families[f].name, counts ? "_total" : "", s->labels, s->value);
        }
    }
    fputs("# EOF\n", out);
    pthread_mutex_unlock(&m->lock);
}

void sf_metrics_journal(struct sf_metrics *m)
{
    pthread_mutex_lock(&m->lock);
    for (struct sf_series *s = m->all; s; s = s->next) {
        const char *what = families[s->family].notable;

        if (!what || s->value <= s->told) {
            s->told = s->value < s->told ? s->value : s->told;
            continue;
        }
        sd_journal_send("MESSAGE=%" PRIu64 " more %s {%s}", s->value - s->told, what, s->labels, "PRIORITY=%d", 4, "SYSLOG_IDENTIFIER=sigferry",
                        "SIGFERRY_METRIC=%s", families[s->family].name, "SIGFERRY_LABELS=%s", s->labels, "SIGFERRY_TOTAL=%" PRIu64, s->value,
                        NULL);
        s->told = s->value;
    }
    pthread_mutex_unlock(&m->lock);
}
