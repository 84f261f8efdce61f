/* The reports for programs: JSON of our own, and SARIF 2.1.0. */
#include <cli/report.h>

#include <base/names.h>
#include <base/text.h>
#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Names of files and symbols are bytes of any kind; JSON wants UTF-8. What is none becomes Latin-1. */
static json_t *text(const char *s)
{
    json_t *whole = json_string(s);
    char *utf8, *to;

    if (whole || !s)
        return whole ? whole : json_null();
    utf8 = to = malloc(strlen(s) * 2 + 1);
    if (!utf8)
        return json_null();
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;

        if (c < 128) {
            *to++ = (char)c;
        } else {
            *to++ = (char)(0xc0 | c >> 6);
            *to++ = (char)(0x80 | (c & 63));
        }
    }
    *to = 0;
    whole = json_string(utf8);
    free(utf8);
    return whole ? whole : json_null();
}

static void put(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, value);
}

static json_t *number(uint64_t n)
{
    return json_integer((json_int_t)n);
}

static json_t *signal_name(int signo)
{
    char name[16];

    return signo ? text(sf_signal_name(signo, name)) : json_null();
}

/* ---- our own ---- */

static json_t *place(const struct sf_place *p)
{
    json_t *o = json_object();

    put(o, "address", number(p->pc));
    if (p->symbol)
        put(o, "symbol", text(p->symbol));
    put(o, "offset", number(p->offset));
    if (p->object)
        put(o, "object", text(p->object));
    if (p->file) {
        put(o, "file", text(p->file));
        put(o, "line", number((uint64_t)p->line));
    }
    return o;
}

static json_t *frames(const struct sf_frames *f)
{
    json_t *a = json_array();

    for (int i = 0; i < f->count; i++)
        json_array_append_new(a, place(&f->place[i]));
    return a;
}

static json_t *finding(const struct sf_report *r, const struct sf_found *f)
{
    json_t *o = json_object();
    char sentence[700], again[2048];

    sf_found_sentence(f, sentence, sizeof sentence);
    put(o, "kind", text(sf_kind_name(f->kind)));
    put(o, "level", text(sf_level_name(sf_found_level(f))));
    put(o, "verdict", text(sf_verdict_name(f->verdict)));
    put(o, "message", text(sentence));
    put(o, "signal", signal_name(f->signo));
    put(o, "count", number(f->count));
    put(o, "pid", number((uint64_t)f->pid));
    put(o, "tid", number((uint64_t)f->tid));
    put(o, "program", text(f->comm));
    put(o, "first_s", json_real(f->first_s));
    put(o, "last_s", json_real(f->last_s));
    if (f->handler_at)
        put(o, "handler", place(&f->handler));
    if (f->called[0])
        put(o, "called", text(f->called));
    if (f->called_at.pc)
        put(o, "called_at", place(&f->called_at));
    if (f->inside[0])
        put(o, "inside", text(f->inside));
    sf_report_again(r, f, again, sizeof again);
    if (*again)
        put(o, "again", text(again));
    if (f->fd >= 0)
        put(o, "fd", number((uint64_t)f->fd));
    put(o, "handler_stack", frames(&f->by));
    put(o, "stack", frames(&f->at));
    return o;
}

static json_t *arguments(const struct sf_report *r)
{
    json_t *a = json_array();

    for (int i = 0; r->argv && r->argv[i]; i++)
        json_array_append_new(a, text(r->argv[i]));
    return a;
}

/* How far --provoke came; NULL: nothing was provoked, or one moment alone. */
static json_t *provoked(const struct sf_report *r)
{
    json_t *o;

    if (!r->retry || !r->retry->table)
        return NULL;
    o = json_object();
    put(o, "runs", number(r->retry->runs));
    put(o, "pairs", number(r->retry->pairs));
    put(o, "tried", number(r->retry->tried));
    put(o, "outOfTime", json_boolean(r->retry->out_of_time));
    return o;
}

static void dump(json_t *o, FILE *out)
{
    json_dumpf(o, out, JSON_INDENT(2));
    fputc('\n', out);
    json_decref(o);
}

void sf_report_json(const struct sf_report *r, FILE *out)
{
    json_t *o = json_object(), *list = json_array(), *how_far = provoked(r);
    size_t suppressed = 0;

    for (size_t i = 0; i < r->all->count; i++)
        if (r->all->found[i].suppressed)
            suppressed++;
        else
            json_array_append_new(list, finding(r, &r->all->found[i]));
    put(o, "version", json_integer(1));
    put(o, "command", arguments(r));
    put(o, "mode", text(r->native ? "native" : "protecting"));
    put(o, "processes", number(r->all->processes));
    put(o, "suppressed", number(suppressed));
    if (how_far)
        put(o, "provoked", how_far);
    put(o, "findings", list);
    dump(o, out);
}

/* ---- SARIF ---- */

static json_t *message(const char *s)
{
    json_t *o = json_object();

    put(o, "text", text(s));
    return o;
}

/* file:///a%20b */
static json_t *uri(const char *path)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/+";
    char buf[PATH_MAX * 3 + 16];
    size_t used = (size_t)snprintf(buf, sizeof buf, "%s", path[0] == '/' ? "file://" : "");

    for (; *path && used + 4 < sizeof buf; path++)
        used += (size_t)snprintf(buf + used, sizeof buf - used, strchr(plain, *path) ? "%c" : "%%%02X", (unsigned char)*path);
    return json_string(buf);
}

static json_t *location(const struct sf_place *p)
{
    json_t *o = json_object(), *physical = json_object(), *artifact = json_object(), *region, *logical;
    const char *path = p->file ? p->file : p->object;

    if (path) {
        put(artifact, "uri", uri(path));
        put(physical, "artifactLocation", artifact);
        region = json_object();
        if (p->file && p->line)
            put(region, "startLine", number((uint64_t)p->line));
        else
            put(region, "byteOffset", number(p->offset));
        put(physical, "region", region);
        put(o, "physicalLocation", physical);
    } else {
        json_decref(artifact);
        json_decref(physical);
    }
    if (p->symbol) {
        logical = json_object();
        put(logical, "name", text(p->symbol));
        put(logical, "kind", text("function"));
        put(o, "logicalLocations", json_pack("[o]", logical));
    }
    return o;
}

static void add_stack(json_t *stacks, const char *title, const struct sf_frames *f)
{
    json_t *stack = json_object(), *list = json_array();

    for (int i = 0; i < f->count; i++) {
        json_t *frame = json_object();

        put(frame, "location", location(&f->place[i]));
        if (f->place[i].object)
            put(frame, "module", text(sf_text_basename(f->place[i].object)));
        json_array_append_new(list, frame);
    }
    put(stack, "message", message(title));
    put(stack, "frames", list);
    if (f->count)
        json_array_append_new(stacks, stack);
    else
        json_decref(stack);
}

static json_t *result(const struct sf_found *f)
{
    json_t *o = json_object(), *stacks = json_array(), *properties = json_object();
    const struct sf_place *p = sf_found_place(f);
    char sentence[700];

    sf_found_sentence(f, sentence, sizeof sentence);
    put(o, "ruleId", text(sf_kind_name(f->kind)));
    put(o, "ruleIndex", json_integer(f->kind - 1));
    put(o, "level", text(sf_level_name(sf_found_level(f))));
    put(o, "message", message(sentence));
    if (p)
        put(o, "locations", json_pack("[o]", location(p)));
    add_stack(stacks, "the handler", &f->by);
    add_stack(stacks, f->handler_at ? "what it interrupted" : "called from", &f->at);
    if (json_array_size(stacks))
        put(o, "stacks", stacks);
    else
        json_decref(stacks);
    put(o, "occurrenceCount", number(f->count));
    put(properties, "verdict", text(sf_verdict_name(f->verdict)));
    put(properties, "signal", signal_name(f->signo));
    put(properties, "program", text(f->comm));
    put(properties, "thread", number((uint64_t)f->tid));
    put(properties, "firstSeconds", json_real(f->first_s));
    put(o, "properties", properties);
    return o;
}

static json_t *rules(void)
{
    json_t *a = json_array();

    for (int k = 1; k < SF_KINDS; k++) {
        struct sf_found like = { .kind = k };
        json_t *o = json_object();

        put(o, "id", text(sf_kind_name(k)));
        put(o, "shortDescription", message(sf_kind_what(k)));
        put(o, "fullDescription", message(sf_kind_why(k)));
        put(o, "help", message(sf_kind_remedy(k)));
        put(o, "defaultConfiguration", json_pack("{s:s}", "level", sf_level_name(sf_found_level(&like))));
        json_array_append_new(a, o);
    }
    return a;
}

void sf_report_sarif(const struct sf_report *r, FILE *out)
{
    json_t *list = json_array(), *driver = json_object(), *run = json_object(), *o = json_object(), *how_far = provoked(r);

    for (size_t i = 0; i < r->all->count; i++)
        if (!r->all->found[i].suppressed)
            json_array_append_new(list, result(&r->all->found[i]));
    put(driver, "name", text("sigferry check"));
    put(driver, "version", text(SF_VERSION));
    put(driver, "rules", rules());
    put(run, "tool", json_pack("{s:o}", "driver", driver));
    put(run, "results", list);
    put(run, "columnKind", text("utf16CodeUnits"));
    if (how_far)
        put(run, "properties", json_pack("{s:o}", "provoked", how_far));
    put(o, "$schema", text("https://json.schemastore.org/sarif-2.1.0.json"));
    put(o, "version", text("2.1.0"));
    put(o, "runs", json_pack("[o]", run));
    dump(o, out);
}
