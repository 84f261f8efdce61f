/* sigferry report: one HTML file, which needs nothing else. It is a format of `sigferry trace`: the page is cli/report.html,
 * into which the events are written as they come. */
#include <base/names.h>
#include <cli/cli.h>
#include <cli/findings.h>
#include <cli/naming.h>
#include <cli/stream.h>
#include <cli/words.h>
#include <cli/writer.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_EVENTS = 200000, FILES = 1024 }; /* what a browser shows without trouble; what a directory may hold */

__asm__(".section .rodata\n"
        ".globl sf_report_page, sf_report_page_end\n"
        "sf_report_page: .incbin \"cli/report.html\"\n"
        "sf_report_page_end: .byte 0\n"
        ".previous\n");
extern const char sf_report_page[], sf_report_page_end[];

static const char mark[] = "/*DATA*/null";

struct page {
    uint64_t events, left_out, lost;
    int64_t begin_ns;
    FILE *findings; /* kept until the events are done */
    char *text;
    size_t size;
    int more;
};

static void describe_sender(const struct sf_happening *h, char *buf, size_t size)
{
    const struct sf_record *r = h->record;
    unsigned class = sf_sender_of(r, h->process->ring.pid);

    if (class != SF_FROM_USER && class != SF_FROM_CHILD)
        snprintf(buf, size, "%s", class == SF_FROM_OUTSIDE ? "outside this pid namespace" : sf_word_sender(class));
    else if (class == SF_FROM_CHILD) /* of many there is one line in the table */
        snprintf(buf, size, "child (%s)", h->sender && h->sender->comm[0] ? h->sender->comm : "gone");
    else
        snprintf(buf, size, "%s %d (%s)", sf_word_sender(class), r->signal.pid,
                 h->sender && h->sender->comm[0] ? h->sender->comm : "gone");
}

static void add_findings(struct page *p, const struct sf_happening *h)
{
    struct sf_stream s = { p->findings, 0 };
    char name[16];

    if (sf_ring_whole(&h->process->ring))
        return;
    for (int i = 0; i < SF_FINDINGS; i++) {
        const struct sf_finding_head *f = &h->process->ring.status->finding[i].head;

        if (f->state != 2)
            continue;
        fputs(p->more++ ? ",\n" : "", p->findings);
        s.more = 0;
        sf_stream_open(&s, NULL);
        sf_stream_text(&s, "comm", h->process->ring.status->comm);
        sf_stream_text(&s, "kind", sf_kind_name(f->kind) ? sf_kind_name(f->kind) : "unknown");
        sf_stream_text(&s, "verdict", sf_verdict_name(f->verdict));
        sf_stream_text(&s, "signal", f->signo ? sf_signal_name(f->signo, name) : "");
        sf_stream_text(&s, "handler", f->handler > 1 ? sf_naming_text(h->process, f->handler, 0) : "");
        sf_stream_unsigned(&s, "count", f->count);
        sf_stream_close(&s);
    }
}

static void event(struct sf_writer *w, const struct sf_happening *h)
{
    struct page *p = w->state;
    const struct sf_record *r = h->record;
    struct sf_stream s = { w->out, 0 };
    char text[256], name[16];

    if (!r) {
        p->lost += h->lost;
        if (!h->lost)
            add_findings(p, h);
        return;
    }
    if (r->event != SF_EV_BEGIN && r->event != SF_EV_END && r->event != SF_EV_DEFAULT)
        return;
    if (p->events >= MOST_EVENTS) {
        p->left_out++;
        return;
    }
    if (!p->begin_ns)
        p->begin_ns = h->real_ns;
    fputs(p->events++ ? ",\n" : "", w->out);
    sf_stream_open(&s, NULL);
    sf_stream_number(&s, "t", h->real_ns - p->begin_ns);
    sf_stream_number(&s, "pid", h->process->ring.pid);
    sf_stream_number(&s, "tid", r->tid);
    sf_stream_text(&s, "comm", h->process->ring.status->comm);
    sf_stream_text(&s, "event", sf_word_event(r->event));
    sf_stream_text(&s, "signal", sf_signal_name(r->signo, name));
    if (r->event == SF_EV_END) {
        sf_stream_unsigned(&s, "run", r->done.run_ns);
        sf_stream_number(&s, "errno", r->done.error != r->done.error_after);
    } else {
        sf_stream_text(&s, "handler", sf_naming_text(h->process, r->signal.handler, 0));
        describe_sender(h, text, sizeof text);
        sf_stream_text(&s, "sender", text);
        sf_stream_unsigned(&s, "wait", r->signal.wait_ns);
    }
    sf_stream_close(&s);
}

static int begin(struct sf_writer *w)
{
    static struct page page;
    const char *at = strstr(sf_report_page, mark);

    w->state = &page;
    page.findings = open_memstream(&page.text, &page.size);
    if (!page.findings)
        return sf_fail(SF_EXIT_FAILED, "out of memory");
    fwrite(sf_report_page, 1, (size_t)(at - sf_report_page), w->out);
    fputs("{\"events\": [\n", w->out);
    return 0;
}

static void end(struct sf_writer *w)
{
    struct page *p = w->state;
    const char *at = strstr(sf_report_page, mark) + strlen(mark);

    fclose(p->findings);
    fprintf(w->out, "],\n\"findings\": [%s],\n\"lost\": %llu, \"left_out\": %llu}", p->text ? p->text : "", (unsigned long long)p->lost,
            (unsigned long long)p->left_out);
    free(p->text);
    fwrite(at, 1, (size_t)(sf_report_page_end - at), w->out);
}

const struct sf_writer_format sf_writer_html = { "html", 0, begin, event, end };

/* ---- the command ---- */

static int help(void)
{
    puts("Usage: sigferry report FILE.html [OPTION]... -- PROGRAM [ARGUMENT]...\n"
         "       sigferry report FILE.html -p PID...\n"
         "       sigferry report FILE.html [--read RING...]\n\n"
         "Write what handlers did, when and for how long, into one page for a browser. Without --read: of all rings that\n"
         "processes have left in the usual directory. Options are those of sigferry trace.\n\n"
         "  -h, --help  print this text\n\n"
         "Exit status: as sigferry trace.");
    return fflush(stdout) ? SF_EXIT_FAILED : 0;
}

/* $XDG_RUNTIME_DIR/sigferry, else /dev/shm/sigferry-UID. */
static int find_rings(char **list)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    char dir[2][256], path[600];
    int n = 0;

    snprintf(dir[0], sizeof dir[0], "%.200s/sigferry", runtime && runtime[0] == '/' ? runtime : "/nonexistent");
    snprintf(dir[1], sizeof dir[1], "/dev/shm/sigferry-%u", (unsigned)geteuid());
    for (int i = 0; i < 2; i++) {
        DIR *d = opendir(dir[i]);
        struct dirent *entry;

        while (d && n < FILES && (entry = readdir(d))) {
            size_t size = strlen(entry->d_name);

            if (size < 6 || strcmp(entry->d_name + size - 5, ".ring"))
                continue;
            snprintf(path, sizeof path, "%s/%s", dir[i], entry->d_name);
            list[n++] = strdup(path);
        }
        if (d)
            closedir(d);
    }
    return n;
}

int sf_report(int argc, char **argv)
{
    char **all = calloc((size_t)argc + FILES + 8, sizeof *all);
    int n = 0, found;

    if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")))
        return help();
    if (!all)
        return sf_fail(SF_EXIT_FAILED, "out of memory");
    if (argc < 2 || argv[1][0] == '-')
        return sf_fail(SF_EXIT_FAILED, "report: into which file? For example: sigferry report signals.html -- PROGRAM");
    all[n++] = (char *)"trace";
    all[n++] = (char *)"--format=html";
    all[n++] = (char *)"--output";
    all[n++] = argv[1];
    for (int i = 2; i < argc; i++)
        all[n++] = argv[i];
    if (argc == 2) {
        all[n++] = (char *)"--read";
        found = find_rings(all + n);
        n += found;
        if (!found)
            return sf_fail(SF_EXIT_NONE, "report: no process has left a ring; name a program: sigferry report %s -- PROGRAM", argv[1]);
    }
    return sf_trace(n, all);
}
