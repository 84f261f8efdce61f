/* Trace event format of Chrome, which Perfetto (ui.perfetto.dev) and chrome://tracing show: handlers as slices on the
 * tracks of their threads, waits as slices beside them, arrows from senders. Documented in "Trace Event Format". */
#include <cli/writer.h>

#include <base/names.h>
#include <cli/naming.h>
#include <cli/stream.h>
#include <cli/words.h>
#include <stdlib.h>
#include <string.h>

enum { SENDS = 1024, STRANGERS = 256 };

/* A send that no handler has begun for as yet. */
struct sent {
    int from, to, signo; /* processes; 0: the slot is free */
    int id;
};

struct chrome {
    int64_t begin_ns;
    int more, ids;
    struct sent sent[SENDS];
    unsigned next;
    int stranger[STRANGERS]; /* senders that have a track without being traced */
    struct sf_traced *named[STRANGERS];
};

static struct sf_stream open_event(struct sf_writer *w, const struct sf_happening *h, const char *phase, const char *name, int64_t real_ns,
                                   int pid, int tid)
{
    struct chrome *c = w->state;
    struct sf_stream s = { w->out, 0 };

    if (!c->begin_ns)
        c->begin_ns = h->real_ns;
    fputs(c->more++ ? ",\n" : "\n", w->out);
    sf_stream_open(&s, NULL);
    sf_stream_text(&s, "ph", phase);
    sf_stream_text(&s, "name", name);
    sf_stream_text(&s, "cat", "signal");
    sf_stream_micro(&s, "ts", real_ns - c->begin_ns > 0 ? real_ns - c->begin_ns : 0);
    sf_stream_number(&s, "pid", pid);
    sf_stream_number(&s, "tid", tid);
    return s;
}

static void put_name(struct sf_writer *w, const struct sf_happening *h, int pid, const char *name)
{
    struct sf_stream s = open_event(w, h, "M", "process_name", h->real_ns, pid, pid);

    sf_stream_open(&s, "args");
    sf_stream_text(&s, "name", name);
    sf_stream_close(&s);
    sf_stream_close(&s);
}

/* Who sends without being traced gets a track of its own. */
static void name_stranger(struct sf_writer *w, const struct sf_happening *h, int pid)
{
    struct chrome *c = w->state;
    int *slot = &c->stranger[(unsigned)pid % STRANGERS];
    char name[64];

    if (*slot == pid)
        return;
    *slot = pid;
    snprintf(name, sizeof name, "%.40s (sender)", h->sender && h->sender->comm[0] ? h->sender->comm : "unknown");
    put_name(w, h, pid, name);
}

static void put_flow(struct sf_writer *w, const struct sf_happening *h, const char *phase, int64_t real_ns, int pid, int tid, int id)
{
    struct sf_stream s = open_event(w, h, phase, "sends", real_ns, pid, tid);

    sf_stream_number(&s, "id", id);
    if (*phase == 'f')
        sf_stream_text(&s, "bp", "e");
    sf_stream_close(&s);
}

static int is_timer(const struct sf_record *r)
{
    return r->at == SF_SEND_ALARM || r->at == SF_SEND_SETITIMER || r->at == SF_SEND_TIMER_SETTIME;
}

static int put_slice_of_send(struct sf_writer *w, const struct sf_happening *h, int64_t real_ns, int pid, int tid, const char *call)
{
    struct chrome *c = w->state;
    char signal[16], name[64];
    struct sf_stream s;

    snprintf(name, sizeof name, "%s %s", call, sf_signal_name(h->record->signo, signal));
    s = open_event(w, h, "X", name, real_ns, pid, tid);
    sf_stream_micro(&s, "dur", 1000);
    sf_stream_close(&s);
    put_flow(w, h, "s", real_ns + 500, pid, tid, ++c->ids);
    return c->ids;
}

static void put_send(struct sf_writer *w, const struct sf_happening *h)
{
    struct chrome *c = w->state;
    const struct sf_record *r = h->record;
    struct sent *n;

    if (is_timer(r) || r->send.result) {
        struct sf_stream s = open_event(w, h, "i", sf_word_send(r->at), h->real_ns, h->process->ring.pid, r->tid);
        sf_stream_text(&s, "s", "t");
        sf_stream_close(&s);
        return;
    }
    n = &c->sent[c->next++ % SENDS];
    n->id = put_slice_of_send(w, h, h->real_ns, h->process->ring.pid, r->tid, sf_word_send(r->at));
    n->from = h->process->ring.pid;
    n->to = r->send.pid;
    n->signo = r->signo;
}

/* The arrow that ends here: from the oldest send that fits, or from a sender that is not traced. */
static int find_flow(struct sf_writer *w, const struct sf_happening *h)
{
    struct chrome *c = w->state;
    const struct sf_record *r = h->record;
    unsigned class = sf_sender_of(r, h->process->ring.pid);

    if (class != SF_FROM_USER && class != SF_FROM_SELF)
        return 0;
    for (unsigned i = 0; i < SENDS; i++) {
        struct sent *n = &c->sent[(c->next + i) % SENDS];

        if (n->from && n->from == r->signal.pid && n->signo == r->signo &&
            (n->to == h->process->ring.pid || n->to <= 0 || class == SF_FROM_SELF)) {
            n->from = 0;
            return n->id;
        }
    }
    if (class == SF_FROM_SELF)
        return 0;
    name_stranger(w, h, r->signal.pid);
    return put_slice_of_send(w, h, h->real_ns - (int64_t)r->signal.wait_ns - 1000, r->signal.pid, r->signal.pid, "sends");
}

static void put_wait(struct sf_writer *w, const struct sf_happening *h)
{
    struct chrome *c = w->state;
    const struct sf_record *r = h->record;
    char signal[16], name[64];
    int id = ++c->ids;

    snprintf(name, sizeof name, "%s waits for thread %d", sf_signal_name(r->signo, signal), r->tid);
    for (int end = 0; end < 2; end++) {
        struct sf_stream s = open_event(w, h, end ? "e" : "b", name, h->real_ns - (end ? 0 : (int64_t)r->signal.wait_ns),
                                        h->process->ring.pid, r->tid);
        sf_stream_number(&s, "id", id);
        sf_stream_close(&s);
    }
}

/* Begin and end as they come: a handler that never returns stays open, which is what happened. */
static void put_begin(struct sf_writer *w, const struct sf_happening *h)
{
    const struct sf_record *r = h->record;
    char signal[16], name[256], code[24];
    int flow = find_flow(w, h);
    struct sf_stream s;

    if (r->signal.wait_ns)
        put_wait(w, h);
    snprintf(name, sizeof name, "%s %s", sf_signal_name(r->signo, signal),
             sf_naming_text(h->process, r->signal.handler, 0));
    s = open_event(w, h, "B", name, h->real_ns, h->process->ring.pid, r->tid);
    sf_stream_open(&s, "args");
    sf_stream_text(&s, "code", sf_word_code(r->signo, r->signal.code, code, sizeof code));
    sf_stream_text(&s, "sender", sf_word_sender(sf_sender_of(r, h->process->ring.pid)));
    if (r->signal.pid)
        sf_stream_number(&s, "sender_pid", r->signal.pid);
    if (h->sender && h->sender->comm[0])
        sf_stream_text(&s, "sender_comm", h->sender->comm);
    sf_stream_unsigned(&s, "wait_ns", r->signal.wait_ns);
    sf_stream_text(&s, "at", sf_word_at(r->at));
    sf_stream_close(&s);
    sf_stream_close(&s);
    if (flow)
        put_flow(w, h, "f", h->real_ns, h->process->ring.pid, r->tid, flow);
}

static void put_end(struct sf_writer *w, const struct sf_happening *h)
{
    const struct sf_record *r = h->record;
    struct sf_stream s = open_event(w, h, "E", "", h->real_ns, h->process->ring.pid, r->tid);
    char error[24];

    sf_stream_open(&s, "args");
    sf_stream_unsigned(&s, "run_ns", r->done.run_ns);
    if (r->done.error != r->done.error_after)
        sf_stream_text(&s, "errno_becomes", sf_word_error(r->done.error_after, error, sizeof error));
    if (r->at == SF_AT_JUMPED)
        sf_stream_text(&s, "left", "jump");
    sf_stream_close(&s);
    sf_stream_close(&s);
}

static void put_instant(struct sf_writer *w, const struct sf_happening *h, const char *what)
{
    char signal[16], name[64];
    struct sf_stream s;
    int tid = h->record && h->record->tid ? h->record->tid : h->process->ring.pid;

    snprintf(name, sizeof name, "%s%s%s", what, h->record && h->record->signo ? " " : "",
             h->record && h->record->signo ? sf_signal_name(h->record->signo, signal) : "");
    s = open_event(w, h, "i", name, h->real_ns, h->process->ring.pid, tid);
    sf_stream_text(&s, "s", h->record && h->record->tid ? "t" : "p");
    if (h->lost) {
        sf_stream_open(&s, "args");
        sf_stream_unsigned(&s, "records", h->lost);
        sf_stream_close(&s);
    }
    sf_stream_close(&s);
}

static void event(struct sf_writer *w, const struct sf_happening *h)
{
    struct chrome *c = w->state;
    struct sf_traced **named = &c->named[(unsigned)h->process->serial % STRANGERS];

    if (*named != h->process) {
        *named = h->process;
        c->stranger[(unsigned)h->process->ring.pid % STRANGERS] = h->process->ring.pid;
        put_name(w, h, h->process->ring.pid, h->process->ring.status->comm);
    }
    if (!h->record)
        put_instant(w, h, h->lost ? "lost records" : h->gone ? "killed" : "end");
    else if (h->record->event == SF_EV_BEGIN)
        put_begin(w, h);
    else if (h->record->event == SF_EV_END)
        put_end(w, h);
    else if (h->record->event == SF_EV_SEND)
        put_send(w, h);
    else
        put_instant(w, h, sf_word_event(h->record->event));
}

static int begin(struct sf_writer *w)
{
    static struct chrome state;

    w->state = &state;
    fputs("{\"displayTimeUnit\": \"ns\", \"traceEvents\": [", w->out);
    return 0;
}

static void end(struct sf_writer *w)
{
    fputs("\n]}\n", w->out);
}

const struct sf_writer_format sf_writer_chrome = { "chrome", 0, begin, event, end };
