/* The view for programs: one object. Numbers of signals and threads, sets as arrays of names. */
#include <cli/view.h>

#include <base/names.h>
#include <config/config.h>
#include <stdio.h>

static void print_text(const char *key, const char *text)
{
    printf("\"%s\": \"", key);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        /* Names of threads and files are bytes of any kind; JSON wants UTF-8. Latin-1 is always valid. */
        if (c == '"' || c == '\\')
            printf("\\%c", c);
        else if (c < 32 || c >= 127)
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

static void print_set(const char *key, uint64_t set)
{
    char name[16];
    int said = 0;

    printf("\"%s\": [", key);
    for (int s = 1; s < SF_NSIG; s++)
        if ((set >> (s - 1)) & 1)
            printf("%s\"%s\"", said++ ? ", " : "", sf_signal_name(s, name));
    putchar(']');
}

/* The same words as in the table, beside the numbers that a program would rather have. */
static void print_signal(const struct sf_view *v, int signo)
{
    const struct sf_row *row = &v->status.row[signo];
    char text[256];

    printf("    {\"number\": %d, ", signo);
    print_text("name", sf_signal_name(signo, text));
    printf(", ");
    print_text("handler", sf_view_handler(v, signo, text, sizeof text));
    printf(", ");
    print_text("flags", sf_view_flags(row->sa_flags, text, sizeof text));
    printf(", \"caught\": %s, \"routed\": %s, ", row->caught ? "true" : "false", row->routed ? "true" : "false");
    print_text("route", sf_route_name((enum sf_route)row->route));
    printf(", ");
    print_text("replay", sf_view_replay(&v->status, signo));
    printf(", ");
    print_text("blocked", sf_view_blocked(v, signo, text, sizeof text));
    printf(", ");
    print_text("pending", sf_view_pending(v, signo, text, sizeof text));
    printf(", \"replayed\": %llu, \"wakeup\": %s, \"wakeup_fd\": %d, ", (unsigned long long)row->replayed,
           row->wakeup == 1 ? "true" : "false", row->wakeup_fd);
    printf("\"wakeup_reader\": %d, \"wakeup_thread\": %d, \"wakeup_reads\": %llu, \"wakeup_ns\": %llu, "
           "\"wakeup_max_ns\": %llu}", row->wakeup == 1 ? row->wakeup_reader : -1, row->wakeup_tid,
           (unsigned long long)row->wakeup_reads, (unsigned long long)row->wakeup_ns, (unsigned long long)row->wakeup_max_ns);
}

static void print_signalfds(const struct sf_signalfds *s)
{
    for (int i = 0; i < s->count; i++) {
        printf("%s    {\"fd\": %d, \"thread\": %d, ", i ? ",\n" : "", s->at[i].fd, (int)s->at[i].tid);
        print_set("signals", s->at[i].set);
        putchar('}');
    }
}

static void print_threads(const struct sf_status *s)
{
    int said = 0;

    for (int i = 0; i < SF_THREAD_ROWS; i++) {
        const struct sf_thread_row *t = &s->thread[i];

        if (!t->tid)
            continue;
        printf("%s    {\"tid\": %d, \"waits\": %s, ", said++ ? ",\n" : "", t->tid, t->point ? "true" : "false");
        print_set("blocks", t->mask);
        printf(", ");
        print_set("held", t->held);
        putchar('}');
    }
}

void sf_json_print(const struct sf_view *v)
{
    static const char *const modes[] = { "idle", "ferry", "child", "direct" };
    const struct sf_status *s = &v->status;
    char text[sizeof s->config_error + 1];
    int said = 0;

    printf("{\n  \"pid\": %d, ", (int)v->proc.pid);
    print_text("comm", v->proc.comm);
    printf(", ");
    print_text("mode", s->mode < 4 ? modes[s->mode] : "unknown");
    printf(", ");
    print_text("failure", sf_view_failure(s));
    printf(", \"errno\": %d, \"listener\": %d, \"runner\": %d, \"relays\": [%d, %d], ", s->failure_errno,
           s->listener_tid, s->runner_tid, s->relay[0], s->relay[1]);
    snprintf(text, sizeof text, "%.*s", (int)sizeof s->config_error, s->config_error);
    print_text("config_error", text);
    printf(",\n  \"arrived\": %llu, \"replayed\": %llu, \"forced\": %llu,\n  \"signals\": [\n",
           (unsigned long long)s->counter[SF_COUNT_ARRIVED], (unsigned long long)s->counter[SF_COUNT_REPLAYED],
           (unsigned long long)s->counter[SF_COUNT_FORCED]);
    for (int i = 1; i < SF_NSIG; i++) {
        if (!sf_view_shows(v, i))
            continue;
        printf("%s", said++ ? ",\n" : "");
        print_signal(v, i);
    }
    printf("\n  ],\n  \"signalfds\": [\n");
    print_signalfds(&v->signalfds);
    printf("\n  ],\n  \"threads\": [\n");
    print_threads(s);
    printf("\n  ]\n}\n");
}
