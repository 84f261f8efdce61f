/* Suppressions, in the two forms that people know. As valgrind has them:
 *
 *     {
 *        a name
 *        sigferry:unsafe-call        (or sigferry:*)
 *        signal:SIGALRM              (optional)
 *        called:printf               (optional; what the handler calls)
 *        fun:log_line                the handler's stack, innermost first; fun:, obj:, src: with * and ?
 *        ...                         any number of frames
 *        fun:on_alarm
 *     }
 *
 * or as the sanitizers have them, one line each: unsafe-call:on_alarm. The pattern is found anywhere in the name of the
 * handler, of what it calls, or of a file; ^ and $ stand for the ends, * for anything. # begins a comment. */
#include <cli/report.h>

#include <base/names.h>
#include <cli/cli.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

enum { LINES = 40 };

struct suppression {
    struct suppression *next;
    int kind; /* 0: any */
    int signo; /* 0: any */
    char *called; /* NULL: anything */
    char *pattern; /* of the short form; NULL: frames below */
    int count;
    char *frame[LINES]; /* "fun:...", "obj:...", "src:...", "..." */
};

struct sf_suppressions {
    struct suppression *first, **last;
};

int sf_kind_number(const char *name)
{
    for (int k = 1; k < SF_KINDS; k++)
        if (!strcmp(name, sf_kind_name(k)))
            return k;
    return 0;
}

/* ---- reading ---- */

struct source {
    FILE *f;
    const char *path;
    int line;
    char *text;
    size_t size;
};

/* The next line that says something, without blanks around it; NULL at the end. */
static char *next_line(struct source *s)
{
    while (getline(&s->text, &s->size, s->f) > 0) {
        char *begin = s->text + strspn(s->text, " \t\r\n"), *end = begin + strlen(begin);

        s->line++;
        while (end > begin && strchr(" \t\r\n", end[-1]))
            *--end = 0;
        if (*begin && *begin != '#')
            return begin;
    }
    return NULL;
}

static int wrong(const struct source *s, const char *what, const char *text)
{
    return sf_fail(SF_EXIT_FAILED, "%s:%d: %s%s; see sigferry-check(1)", s->path, s->line, what, text);
}

/* "unsafe-call", "*". 0, or an exit status after a message. */
static int read_kind(struct source *s, const char *name, int *kind)
{
    *kind = sf_kind_number(name);
    return *kind || !strcmp(name, "*") ? 0 : wrong(s, "no kind of finding has the name ", name);
}

/* One line between the braces, behind the name. */
static int read_item(struct source *s, struct suppression *one, const char *line)
{
    char number[2] = "";

    if (!strncmp(line, "sigferry:", 9))
        return read_kind(s, line + 9, &one->kind);
    if (!strncmp(line, "signal:", 7)) {
        one->signo = strcmp(line + 7, "*") ? sf_signal_number(line + 7) : 0;
        return one->signo >= 0 ? 0 : wrong(s, "no signal has the name ", line + 7);
    }
    if (!strncmp(line, "called:", 7)) {
        free(one->called);
        one->called = strdup(line + 7);
        return 0;
    }
    if (strcmp(line, "...") && strncmp(line, "fun:", 4) && strncmp(line, "obj:", 4) && strncmp(line, "src:", 4))
        return wrong(s, "a line is sigferry:KIND, signal:NAME, called:NAME, fun:NAME, obj:FILE, src:FILE or ..., not ", line);
    if (one->count == LINES)
        return wrong(s, "more than 40 frames in one suppression", number);
    one->frame[one->count++] = strdup(line);
    return 0;
}

static int read_block(struct source *s, struct suppression *one)
{
    char *line = next_line(s); /* the name */
    int status = 0, kinds = 0;

    while (!status && (line = line ? next_line(s) : NULL) && strcmp(line, "}")) {
        kinds += !strncmp(line, "sigferry:", 9);
        status = read_item(s, one, line);
    }
    if (!status && !line)
        status = wrong(s, "the suppression that begins above has no end: } is missing", "");
    if (!status && !kinds)
        status = wrong(s, "the suppression that ends here has no line sigferry:KIND", "");
    return status;
}

static int read_short(struct source *s, struct suppression *one, char *line)
{
    char *colon = strchr(line, ':');
    int status;

    if (!colon || !colon[1])
        return wrong(s, "neither { nor KIND:PATTERN: ", line);
    *colon = 0;
    status = read_kind(s, line, &one->kind);
    one->pattern = strdup(colon + 1);
    return status;
}

static void free_one(struct suppression *one)
{
    for (int i = 0; i < one->count; i++)
        free(one->frame[i]);
    free(one->called);
    free(one->pattern);
    free(one);
}

int sf_suppressions_read(struct sf_suppressions **all, const char *path)
{
    struct source s = { fopen(path, "re"), path, 0, NULL, 0 };
    int status = 0;
    char *line;

    if (!s.f)
        return sf_fail(SF_EXIT_FAILED, "%s: cannot be read: %s", path, strerror(errno));
    if (!*all && (*all = calloc(1, sizeof **all)))
        (*all)->last = &(*all)->first;
    while (*all && !status && (line = next_line(&s))) {
        struct suppression *one = calloc(1, sizeof *one);

        if (!one) {
            status = sf_fail(SF_EXIT_FAILED, "out of memory");
            break;
        }
        status = strcmp(line, "{") ? read_short(&s, one, line) : read_block(&s, one);
        if (status) {
            free_one(one);
            break;
        }
        *(*all)->last = one;
        (*all)->last = &one->next;
    }
    free(s.text);
    fclose(s.f);
    return status;
}

void sf_suppressions_free(struct sf_suppressions *s)
{
    for (struct suppression *one = s ? s->first : NULL, *next; one; one = next) {
        next = one->next;
        free_one(one);
    }
    free(s);
}

/* ---- matching ---- */

static int frame_matches(const char *pattern, const struct sf_place *p)
{
    char line[4400];

    if (!strncmp(pattern, "fun:", 4))
        return p->symbol && !fnmatch(pattern + 4, p->symbol, 0);
    if (!strncmp(pattern, "obj:", 4))
        return p->object && !fnmatch(pattern + 4, p->object, 0);
    if (!p->file)
        return 0;
    snprintf(line, sizeof line, "%s:%d", p->file, p->line);
    return !fnmatch(pattern + 4, p->file, 0) || !fnmatch(pattern + 4, line, 0);
}

/* As valgrind: from the innermost frame on; frames beyond the last pattern do not matter. */
static int frames_match(char *const *pattern, int patterns, const struct sf_place *p, int places)
{
    if (!patterns)
        return 1;
    if (!strcmp(pattern[0], "...")) {
        for (int skip = 0; skip <= places; skip++)
            if (frames_match(pattern + 1, patterns - 1, p + skip, places - skip))
                return 1;
        return 0;
    }
    return places > 0 && frame_matches(pattern[0], p) && frames_match(pattern + 1, patterns - 1, p + 1, places - 1);
}

/* The short form's pattern as one of fnmatch, by hand: ^ and $ bind it to the ends. */
static int found_in(const char *pattern, const char *text)
{
    char whole[1024];
    size_t n = strlen(pattern);
    int begin = *pattern == '^', end = n > 1 && pattern[n - 1] == '$';

    if (!text || !*text)
        return 0;
    snprintf(whole, sizeof whole, "%s%.*s%s", begin ? "" : "*", (int)(n - (size_t)begin - (size_t)end), pattern + begin,
             end ? "" : "*");
    return !fnmatch(whole, text, 0);
}

static int place_found(const char *pattern, const struct sf_place *p)
{
    return found_in(pattern, p->symbol) || found_in(pattern, p->object) || found_in(pattern, p->file);
}

static int matches(const struct suppression *one, const struct sf_found *f)
{
    const struct sf_frames *frames = f->by.count ? &f->by : &f->at;

    if ((one->kind && one->kind != f->kind) || (one->signo && one->signo != f->signo))
        return 0;
    if (one->pattern) {
        for (int i = 0; i < frames->count; i++)
            if (found_in(one->pattern, frames->place[i].symbol))
                return 1;
        return place_found(one->pattern, &f->handler) || place_found(one->pattern, &f->called_at) || found_in(one->pattern, f->called);
    }
    if (one->called && fnmatch(one->called, f->called, 0))
        return 0;
    if (!f->by.count && f->handler_at)
        return frames_match(one->frame, one->count, &f->handler, 1);
    return frames_match(one->frame, one->count, frames->place, frames->count);
}

size_t sf_suppress(const struct sf_suppressions *s, struct sf_findings *all)
{
    size_t count = 0;

    for (size_t i = 0; s && i < all->count; i++)
        for (const struct suppression *one = s->first; one && !all->found[i].suppressed; one = one->next)
            if (matches(one, &all->found[i])) {
                all->found[i].suppressed = 1;
                count++;
            }
    return count;
}

/* ---- writing ---- */

static void print_frame(const struct sf_place *p, FILE *out)
{
    if (p->symbol)
        fprintf(out, "   fun:%s\n", p->symbol);
    else
        fprintf(out, "   obj:%s\n", p->object ? p->object : "*");
}

void sf_suppression_print(const struct sf_found *f, FILE *out)
{
    const struct sf_frames *frames = f->by.count ? &f->by : &f->at;
    char name[16];

    fprintf(out, "{\n   <insert a name>\n   sigferry:%s\n", sf_kind_name(f->kind));
    if (f->signo)
        fprintf(out, "   signal:%s\n", sf_signal_name(f->signo, name));
    if (f->called[0])
        fprintf(out, "   called:%s\n", f->called);
    if (!f->by.count && f->handler_at)
        print_frame(&f->handler, out);
    else
        for (int i = 0; i < frames->count && i < LINES; i++)
            print_frame(&frames->place[i], out);
    fprintf(out, "}\n");
}
