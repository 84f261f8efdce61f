/* Common Trace Format 1.8: a directory with a description (metadata) and one stream of packets. Fields are packed bytes,
 * so that writing is appending. babeltrace2 and Trace Compass read it. */
#include <cli/writer.h>

#include <base/names.h>
#include <cli/cli.h>
#include <cli/naming.h>
#include <cli/words.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PACKET = 1 << 18, LARGEST_EVENT = 4096, STREAM = 7 };
enum { EV_LOST = 64, EV_GONE };

/* As `packet.header` and `packet.context` say. */
struct head {
    uint32_t magic, stream;
    uint64_t begin_ns, end_ns, content_bits, packet_bits, discarded;
} __attribute__((packed));

struct ctf {
    uint64_t last_ns, discarded;
    size_t used;
    unsigned char packet[PACKET];
};

static const char opening[] =
    "/* CTF 1.8 */\n"
    "typealias integer { size = 8; align = 8; signed = false; } := uint8_t;\n"
    "typealias integer { size = 16; align = 8; signed = false; } := uint16_t;\n"
    "typealias integer { size = 32; align = 8; signed = false; } := uint32_t;\n"
    "typealias integer { size = 64; align = 8; signed = false; } := uint64_t;\n"
    "typealias integer { size = 32; align = 8; signed = true; } := int32_t;\n"
    "trace { major = 1; minor = 8; byte_order = %s;\n"
    "  packet.header := struct { uint32_t magic; uint32_t stream_id; }; };\n"
    "env { tracer_name = \"sigferry\"; };\n"
    "clock { name = \"realtime\"; freq = 1000000000; offset = 0; };\n"
    "typealias integer { size = 64; align = 8; signed = false; map = clock.realtime.value; } := time_ns_t;\n"
    "stream { id = %d;\n"
    "  packet.context := struct { time_ns_t timestamp_begin; time_ns_t timestamp_end; uint64_t content_size;\n"
    "    uint64_t packet_size; uint64_t events_discarded; };\n"
    "  event.header := struct { uint16_t id; time_ns_t timestamp; };\n"
    "  event.context := struct { int32_t pid; int32_t tid; string comm; string signal; }; };\n";

/* What stands in events with each payload; put_payload writes just this. */
static const struct {
    const char *payload, *fields;
} layouts[] = {
    { "signal", "int32_t sender_pid; uint32_t sender_uid; string sender; string sender_comm; string code; uint64_t value; "
                "string handler; uint64_t wait_ns; string errno; string at; uint8_t depth;" },
    { "done", "string handler; uint64_t run_ns; string errno_before; string errno_after; string call; uint8_t jumped; uint8_t depth;" },
    { "wait", "string why; string family; uint64_t mask;" },
    { "action", "string handler; string old_handler; string flags; uint64_t mask; string caller;" },
    { "mask", "uint64_t mask; uint64_t old_mask; string caller;" },
    { "send", "string call; int32_t to_pid; int32_t to_tid; int32_t result; uint64_t value; uint64_t period_ns; string caller;" },
    { "process", "int32_t number; int32_t status;" },
    { "text", "uint32_t piece; string text;" },
    { "taken", "int32_t sender_pid; uint32_t sender_uid; int32_t code; int32_t fd; uint64_t value; uint64_t wait_ns;" },
    { "merged", "int32_t sender_pid; uint32_t sender_uid; int32_t code; uint32_t count; uint64_t value;" },
    { "wakeup", "int32_t fd; int32_t reader; uint64_t wait_ns;" },
    { "word", "" },
};

static const char *fields_of(const char *payload)
{
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++)
        if (!strcmp(layouts[i].payload, payload))
            return layouts[i].fields;
    return "";
}

static void put_metadata(FILE *f)
{
    fprintf(f, opening, __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? "le" : "be", STREAM);
    for (unsigned i = 1; i < SF_EV_END_OF_LIST; i++)
        fprintf(f, "event { id = %u; name = \"%s\"; stream_id = %d; fields := struct { %s }; };\n", i, sf_word_event(i), STREAM,
                fields_of(sf_word_event_payload(i)));
    fprintf(f, "event { id = %d; name = \"lost\"; stream_id = %d; fields := struct { uint64_t records; }; };\n", EV_LOST, STREAM);
    fprintf(f, "event { id = %d; name = \"end_of_process\"; stream_id = %d; fields := struct { string killed_by; }; };\n", EV_GONE,
            STREAM);
}

/* ---- appending ---- */

static void put(struct ctf *c, const void *from, size_t size)
{
    memcpy(c->packet + c->used, from, size);
    c->used += size;
}

static void put8(struct ctf *c, unsigned value)
{
    uint8_t v = (uint8_t)value;
    put(c, &v, sizeof v);
}

static void put32(struct ctf *c, uint32_t value)
{
    put(c, &value, sizeof value);
}

static void put64(struct ctf *c, uint64_t value)
{
    put(c, &value, sizeof value);
}

/* Strings are UTF-8 there: other bytes become '?'. LARGEST_EVENT has room for all of an event. */
static void put_string(struct ctf *c, const char *text)
{
    for (size_t n = 0; text && *text && n < 300; text++, n++)
        c->packet[c->used++] = (unsigned char)*text < 32 || (unsigned char)*text > 126 ? '?' : (unsigned char)*text;
    c->packet[c->used++] = 0;
}

static void put_place(struct ctf *c, const struct sf_happening *h, uint64_t address, int caller)
{
    put_string(c, caller && !address ? "" : sf_naming_text(h->process, address, caller));
}

static void put_error(struct ctf *c, int error)
{
    char text[24];

    put_string(c, error ? sf_word_error(error, text, sizeof text) : "");
}

static void put_signal(struct ctf *c, const struct sf_happening *h)
{
    const struct sf_record *r = h->record;
    char code[24];

    put32(c, (uint32_t)r->signal.pid);
    put32(c, r->signal.uid);
    put_string(c, sf_word_sender(sf_sender_of(r, h->process->ring.pid)));
    put_string(c, h->sender ? h->sender->comm : "");
    put_string(c, sf_word_code(r->signo, r->signal.code, code, sizeof code));
    put64(c, r->signal.value);
    put_place(c, h, r->signal.handler, 0);
    put64(c, r->signal.wait_ns);
    put_error(c, r->event == SF_EV_BEGIN ? r->signal.error : 0);
    put_string(c, r->event == SF_EV_BEGIN ? sf_word_at(r->at) : "");
    put8(c, r->depth);
}

static void put_done(struct ctf *c, const struct sf_happening *h)
{
    const struct sf_record *r = h->record;
    char call[32];

    put_place(c, h, r->done.handler, 0);
    put64(c, r->done.run_ns);
    put_error(c, r->done.error);
    put_error(c, r->done.error_after);
    put_string(c, r->done.call >= 0 ? sf_word_call(r->done.call, call, sizeof call) : "");
    put8(c, r->at == SF_AT_JUMPED);
    put8(c, r->depth);
}

static void put_action(struct ctf *c, const struct sf_happening *h)
{
    const struct sf_record *r = h->record;
    char flags[128];

    put_place(c, h, r->action.handler, 0);
    put_place(c, h, r->action.old_handler, 0);
    put_string(c, sf_word_flags(r->action.flags, flags, sizeof flags));
    put64(c, r->action.mask);
    put_place(c, h, r->action.caller, 1);
}

static void put_payload(struct ctf *c, const struct sf_happening *h)
{
    const struct sf_record *r = h->record;
    const char *payload = sf_word_event_payload(r->event);

    if (!strcmp(payload, "signal")) {
        put_signal(c, h);
    } else if (!strcmp(payload, "done")) {
        put_done(c, h);
    } else if (!strcmp(payload, "wait")) {
        put_string(c, sf_word_why(r->wait.why));
        put_string(c, sf_word_family(r->wait.family));
        put64(c, r->wait.mask);
    } else if (!strcmp(payload, "action")) {
        put_action(c, h);
    } else if (!strcmp(payload, "mask")) {
        put64(c, r->mask.mask);
        put64(c, r->mask.old_mask);
        put_place(c, h, r->mask.caller, 1);
    } else if (!strcmp(payload, "send")) {
        put_string(c, sf_word_send(r->at));
        put32(c, (uint32_t)r->send.pid);
        put32(c, (uint32_t)r->send.tid);
        put32(c, (uint32_t)r->send.result);
        put64(c, r->send.value);
        put64(c, r->send.period_ns);
        put_place(c, h, r->send.caller, 1);
    } else if (!strcmp(payload, "process")) {
        put32(c, (uint32_t)r->process.pid);
        put32(c, (uint32_t)r->process.status);
    } else if (!strcmp(payload, "text")) {
        char text[sizeof r->text.text + 1];
        snprintf(text, sizeof text, "%.*s", (int)sizeof r->text.text, r->text.text);
        put32(c, r->text.piece);
        put_string(c, text);
    } else if (!strcmp(payload, "taken")) {
        put32(c, (uint32_t)r->taken.pid);
        put32(c, r->taken.uid);
        put32(c, (uint32_t)r->taken.code);
        put32(c, (uint32_t)r->taken.fd);
        put64(c, r->taken.value);
        put64(c, r->taken.wait_ns);
    } else if (!strcmp(payload, "merged")) {
        put32(c, (uint32_t)r->merged.pid);
        put32(c, r->merged.uid);
        put32(c, (uint32_t)r->merged.code);
        put32(c, r->merged.count);
        put64(c, r->merged.value);
    } else if (!strcmp(payload, "wakeup")) {
        put32(c, (uint32_t)r->wakeup.fd);
        put32(c, (uint32_t)r->wakeup.reader);
        put64(c, r->wakeup.wait_ns);
    }
}

/* ---- packets ---- */

static void open_packet(struct ctf *c)
{
    struct head head = { .magic = 0xc1fc1fc1, .stream = STREAM, .begin_ns = c->last_ns };

    c->used = 0;
    put(c, &head, sizeof head);
}

static void close_packet(struct sf_writer *w)
{
    struct ctf *c = w->state;
    struct head head;

    memcpy(&head, c->packet, sizeof head);
    head.end_ns = c->last_ns;
    head.content_bits = head.packet_bits = 8 * c->used;
    head.discarded = c->discarded;
    memcpy(c->packet, &head, sizeof head);
    fwrite(c->packet, 1, c->used, w->out);
    c->used = 0;
}

static void event(struct sf_writer *w, const struct sf_happening *h)
{
    struct ctf *c = w->state;
    uint16_t id = h->record ? h->record->event : h->lost ? EV_LOST : EV_GONE;
    char name[16];

    /* Time must not run backwards there; offsets of processes differ by some nanoseconds. */
    if ((uint64_t)h->real_ns > c->last_ns)
        c->last_ns = (uint64_t)h->real_ns;
    if (c->used + LARGEST_EVENT > PACKET)
        close_packet(w);
    if (!c->used)
        open_packet(c);
    put(c, &id, sizeof id);
    put64(c, c->last_ns);
    put32(c, (uint32_t)h->process->ring.pid);
    put32(c, (uint32_t)(h->record ? h->record->tid : 0));
    put_string(c, h->process->ring.status->comm);
    put_string(c, h->record && h->record->signo ? sf_signal_name(h->record->signo, name) : "");
    if (h->record) {
        put_payload(c, h);
    } else if (h->lost) {
        c->discarded += h->lost;
        put64(c, h->lost);
    } else {
        put_string(c, h->gone > 0 ? sf_signal_name(h->gone, name) : h->gone ? "unknown" : "");
    }
}

static FILE *open_in(const char *directory, const char *name)
{
    char path[4096];

    if (snprintf(path, sizeof path, "%s/%s", directory, name) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    return fopen(path, "we");
}

static int begin(struct sf_writer *w)
{
    FILE *metadata;

    w->state = calloc(1, sizeof(struct ctf));
    if (!w->state)
        return sf_fail(SF_EXIT_FAILED, "out of memory");
    if (mkdir(w->path, 0777) && errno != EEXIST)
        return sf_fail(SF_EXIT_FAILED, "%s: cannot be made: %s", w->path, strerror(errno));
    metadata = open_in(w->path, "metadata");
    if (metadata)
        put_metadata(metadata);
    if (!metadata || fclose(metadata) || !(w->out = open_in(w->path, "signals")))
        return sf_fail(SF_EXIT_FAILED, "%s: cannot be written: %s", w->path, strerror(errno));
    return 0;
}

static void end(struct sf_writer *w)
{
    struct ctf *c = w->state;

    if (!c->used)
        open_packet(c); /* not one event: still a trace */
    close_packet(w);
    free(c);
    w->state = NULL;
}

const struct sf_writer_format sf_writer_ctf = { "ctf", 1, begin, event, end };
