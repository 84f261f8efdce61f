/* JSON Lines: one object for each event. The members are described in sigferry-trace(1). */
#include <cli/writer.h>

#include <base/names.h>
#include <cli/naming.h>
#include <cli/stream.h>
#include <cli/words.h>
#include <stdlib.h>
#include <string.h>

/* An address with what is known of it: {"address": "0x...", "symbol": ..., "object": ..., "file": ..., "line": ...}. */
static void put_place(struct sf_stream *s, const struct sf_happening *h, const char *key, uint64_t address, int caller)
{
    const struct sf_place *p;

    if (address <= 1) {
        sf_stream_text(s, key, caller ? NULL : address ? "ignored" : "default");
        return;
    }
    p = sf_naming_find(h->process, address, caller);
    sf_stream_open(s, key);
    sf_stream_hex(s, "address", address);
    if (p->symbol)
        sf_stream_text(s, "symbol", p->symbol);
    if (p->object) {
        sf_stream_text(s, "object", p->object);
        sf_stream_unsigned(s, "offset", p->offset);
    }
    if (p->file && p->line) {
        sf_stream_text(s, "file", p->file);
        sf_stream_number(s, "line", p->line);
    }
    sf_stream_close(s);
}

static void put_error(struct sf_stream *s, const char *key, int error)
{
    char text[24];

    sf_stream_text(s, key, error ? sf_word_error(error, text, sizeof text) : NULL);
}

static void put_signal(struct sf_stream *s, const struct sf_happening *h)
{
    const struct sf_record *r = h->record;
    unsigned class = sf_sender_of(r, h->process->ring.pid);
    char code[24];

    if (r->event == SF_EV_DEFAULT && !r->signal.pid && !r->signal.code)
        return; /* it is still in the kernel: nobody knows */
    sf_stream_text(s, "code", sf_word_code(r->signo, r->signal.code, code, sizeof code));
    sf_stream_text(s, "sender", sf_word_sender(class));
    if (r->signal.pid) {
        sf_stream_number(s, "sender_pid", r->signal.pid);
        sf_stream_unsigned(s, "sender_uid", r->signal.uid);
    }
    if (h->sender && h->sender->comm[0])
        sf_stream_text(s, "sender_comm", h->sender->comm);
    else if (h->sender && h->sender->gone)
        sf_stream_text(s, "sender_comm", NULL);
    if (h->sender && h->sender->cmdline[0])
        sf_stream_text(s, "sender_cmdline", h->sender->cmdline);
    if (class == SF_FROM_CHILD)
        sf_stream_number(s, "status", (int32_t)r->signal.value);
    else if (r->signal.value)
        sf_stream_hex(s, "value", r->signal.value);
    if (r->event == SF_EV_TAKE) {
        sf_stream_number(s, "fd", r->taken.fd);
        sf_stream_unsigned(s, "wait_ns", r->taken.wait_ns);
    }
    if (r->event == SF_EV_MERGED)
        sf_stream_unsigned(s, "count", r->merged.count);
    if (r->event == SF_EV_BEGIN || (r->event == SF_EV_ARRIVE && r->signal.handler > 1))
        put_place(s, h, "handler", r->signal.handler, 0);
    if (r->event != SF_EV_BEGIN)
        return;
    sf_stream_text(s, "at", sf_word_at(r->at));
    sf_stream_number(s, "depth", r->depth);
    sf_stream_unsigned(s, "wait_ns", r->signal.wait_ns);
    put_error(s, "errno", r->signal.error);
}

static void put_done(struct sf_stream *s, const struct sf_happening *h)
{
    const struct sf_record *r = h->record;
    char call[32];

    put_place(s, h, "handler", r->done.handler, 0);
    sf_stream_number(s, "depth", r->depth);
    sf_stream_unsigned(s, "run_ns", r->done.run_ns);
    put_error(s, "errno_before", r->done.error);
    put_error(s, "errno_after", r->done.error_after);
    if (r->at == SF_AT_JUMPED)
        sf_stream_text(s, "left", "jump");
    if (r->done.call >= 0) {
        sf_stream_text(s, "call", sf_word_call(r->done.call, call, sizeof call));
        sf_stream_text(s, "call_ends", r->done.result == SF_RESTARTED ? "restarted" : "EINTR");
    }
    if (r->done.pc)
        put_place(s, h, "interrupted", r->done.pc, 0);
}

static void put_action(struct sf_stream *s, const struct sf_happening *h)
{
    const struct sf_record *r = h->record;
    char flags[128];

    put_place(s, h, "handler", r->action.handler, 0);
    put_place(s, h, "old_handler", r->action.old_handler, 0);
    sf_stream_text(s, "flags", sf_word_flags(r->action.flags, flags, sizeof flags));
    sf_stream_text(s, "old_flags", sf_word_flags(r->action.old_flags, flags, sizeof flags));
    sf_stream_set(s, "mask", r->action.mask);
    put_place(s, h, "caller", r->action.caller, 1);
}

static void put_send(struct sf_stream *s, const struct sf_happening *h)
{
    const struct sf_record *r = h->record;
    int timer = r->at == SF_SEND_ALARM || r->at == SF_SEND_SETITIMER || r->at == SF_SEND_TIMER_SETTIME;

    sf_stream_text(s, "call", sf_word_send(r->at));
    if (timer) {
        sf_stream_unsigned(s, "first_ns", r->send.value);
        sf_stream_unsigned(s, "period_ns", r->send.period_ns);
    } else {
        sf_stream_number(s, "to_pid", r->send.pid);
        if (r->send.tid)
            sf_stream_number(s, "to_tid", r->send.tid);
        if (r->send.value)
            sf_stream_hex(s, "value", r->send.value);
    }
    put_error(s, "error", -r->send.result);
    put_place(s, h, "caller", r->send.caller, 1);
}

static void put_process(struct sf_stream *s, const struct sf_happening *h)
{
    const struct sf_record *r = h->record;

    if (r->event == SF_EV_FORK)
        sf_stream_number(s, "parent", r->process.pid);
    else if (r->event == SF_EV_EXIT)
        sf_stream_number(s, "status", r->process.status);
    else if (r->event == SF_EV_THREAD)
        sf_stream_text(s, "what", r->process.status ? "ends" : "begins");
    else if (r->event == SF_EV_MODE) {
        sf_stream_text(s, "mode", sf_word_mode((unsigned)r->process.pid));
        sf_stream_number(s, "failure", r->process.status);
    }
}

static void put_text(struct sf_stream *s, const struct sf_happening *h)
{
    char text[sizeof h->record->text.text + 1];

    snprintf(text, sizeof text, "%.*s", (int)sizeof h->record->text.text, h->record->text.text);
    sf_stream_text(s, "text", text);
    if (h->record->text.piece)
        sf_stream_unsigned(s, "piece", h->record->text.piece);
}

static void put_payload(struct sf_stream *s, const struct sf_happening *h)
{
    const struct sf_record *r = h->record;
    const char *payload = sf_word_event_payload(r->event);

    if (!strcmp(payload, "signal") || !strcmp(payload, "taken") || !strcmp(payload, "merged")) /* whose first members are the same */
        put_signal(s, h);
    else if (!strcmp(payload, "done"))
        put_done(s, h);
    else if (!strcmp(payload, "wait")) {
        sf_stream_text(s, "why", sf_word_why(r->wait.why));
        if (r->wait.why == SF_WHY_GUARDED)
            sf_stream_text(s, "family", sf_word_family(r->wait.family));
        if (r->tid)
            sf_stream_set(s, "mask", r->wait.mask);
    } else if (!strcmp(payload, "action"))
        put_action(s, h);
    else if (!strcmp(payload, "mask")) {
        sf_stream_set(s, "mask", r->mask.mask);
        sf_stream_set(s, "old_mask", r->mask.old_mask);
        put_place(s, h, "caller", r->mask.caller, 1);
    } else if (!strcmp(payload, "send"))
        put_send(s, h);
    else if (!strcmp(payload, "process"))
        put_process(s, h);
    else if (!strcmp(payload, "text"))
        put_text(s, h);
    else if (!strcmp(payload, "wakeup")) {
        sf_stream_number(s, "fd", r->wakeup.fd);
        sf_stream_number(s, "reader", r->wakeup.reader);
        sf_stream_unsigned(s, "wait_ns", r->wakeup.wait_ns);
    }
}

static void event(struct sf_writer *w, const struct sf_happening *h)
{
    struct sf_stream s = { w->out, 0 };
    char name[16];

    sf_stream_open(&s, NULL);
    sf_stream_number(&s, "time_ns", h->real_ns);
    sf_stream_number(&s, "pid", h->process->ring.pid);
    sf_stream_text(&s, "comm", h->process->ring.status->comm);
    if (h->record) {
        sf_stream_number(&s, "tid", h->record->tid);
        sf_stream_text(&s, "event", sf_word_event(h->record->event));
        if (h->record->signo)
            sf_stream_text(&s, "signal", sf_signal_name(h->record->signo, name));
        put_payload(&s, h);
    } else if (h->lost) {
        sf_stream_text(&s, "event", "lost");
        sf_stream_unsigned(&s, "records", h->lost);
    } else {
        sf_stream_text(&s, "event", "end-of-process");
        sf_stream_text(&s, "how", h->gone ? "killed" : h->process->ring.status->ended == 2 ? "exec" : "exit");
        if (h->gone > 0)
            sf_stream_text(&s, "signal", sf_signal_name(h->gone, name));
    }
    sf_stream_close(&s);
    putc('\n', w->out);
}

const struct sf_writer_format sf_writer_json = { "json", 0, NULL, event, NULL };
