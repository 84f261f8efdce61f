/* The report for people: one block for each finding, which begins as a compiler's message does, so that editors can jump
 * to the line. */
#include <cli/report.h>

#include <base/names.h>
#include <base/text.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char *paint(const struct sf_report *r, const char *code)
{
    return r->colour ? code : "";
}

/* "file.c:12", "prog+0x1139" */
static void where(const struct sf_place *p, char *buf, size_t size)
{
    if (!p)
        snprintf(buf, size, "?");
    else if (p->file && p->line)
        snprintf(buf, size, "%s:%d", p->file, p->line);
    else if (p->symbol && p->object)
        snprintf(buf, size, "%s(%s+0x%llx)", sf_text_basename(p->object), p->symbol, (unsigned long long)p->offset);
    else if (p->object)
        snprintf(buf, size, "%s+0x%llx", sf_text_basename(p->object), (unsigned long long)p->offset);
    else
        snprintf(buf, size, "0x%llx", (unsigned long long)p->pc);
}

/* The line itself, where the source is at hand. */
static void print_source(const struct sf_place *p, FILE *out)
{
    FILE *f = p && p->file && p->line ? fopen(p->file, "re") : NULL;
    char *line = NULL;
    size_t size = 0;

    for (int i = 0; f && i < p->line; i++)
        if (getline(&line, &size, f) < 0) {
            fclose(f);
            f = NULL;
        }
    if (f) {
        line[strcspn(line, "\r\n")] = 0;
        fprintf(out, "%6d | %.160s\n", p->line, line);
        fclose(f);
    }
    free(line);
}

static void print_frames(const char *title, const struct sf_frames *frames, FILE *out)
{
    if (!frames->count)
        return;
    fprintf(out, "  %s\n", title);
    for (int i = 0; i < frames->count; i++) {
        const struct sf_place *p = &frames->place[i];
        char at[PATH_MAX + 32] = "";

        if (p->file && p->line)
            snprintf(at, sizeof at, "%s:%d", p->file, p->line);
        else if (p->object)
            snprintf(at, sizeof at, "%s", p->object);
        if (p->symbol)
            fprintf(out, "    #%-2d %s  %s\n", i, p->symbol, at);
        else if (p->object)
            fprintf(out, "    #%-2d %s+0x%llx\n", i, p->object, (unsigned long long)p->offset);
        else
            fprintf(out, "    #%-2d 0x%llx\n", i, (unsigned long long)p->pc);
    }
}

static const char *stack_title(const struct sf_found *f)
{
    if (!f->handler_at)
        return "called from:";
    return f->by.count || f->inside[0] ? "the signal found the thread here:" : "it was here:";
}

static void print_one(const struct sf_report *r, const struct sf_found *f, int explain, FILE *out)
{
    const struct sf_place *place = sf_found_place(f);
    enum sf_level level = sf_found_level(f);
    char at[PATH_MAX + 32], sentence[700], own[32] = "", again[2048];

    where(place, at, sizeof at);
    sf_found_sentence(f, sentence, sizeof sentence);
    fprintf(out, "%s%s: %s%s:%s %s%s%s [%s, %s]\n", paint(r, "\033[1m"), at,
            paint(r, level == SF_LEVEL_ERROR ? "\033[31m" : level == SF_LEVEL_WARNING ? "\033[35m" : "\033[36m"),
            sf_level_name(level), paint(r, "\033[0m"), paint(r, "\033[1m"), sentence, paint(r, "\033[0m"),
            sf_kind_name(f->kind), sf_verdict_name(f->verdict));
    print_source(place, out);
    print_frames("the handler:", &f->by, out);
    print_frames(stack_title(f), &f->at, out);
    if (f->tid && f->tid != f->pid)
        snprintf(own, sizeof own, ", thread %d", f->tid);
    fprintf(out, "  %llu time%s, first after %.3f s; process %d (%s)%s\n", (unsigned long long)f->count,
            f->count == 1 ? "" : "s", f->first_s, f->pid, f->comm, own);
    if (explain)
        fprintf(out, "  why:  %s\n  do:   %s\n", sf_kind_why(f->kind), sf_kind_remedy(f->kind));
    sf_report_again(r, f, again, sizeof again);
    if (*again)
        fprintf(out, "  again: %s\n", again);
    if (r->suppressions)
        sf_suppression_print(f, out);
    fputc('\n', out);
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

void sf_report_text(const struct sf_report *r, FILE *out)
{
    size_t levels[3] = { 0, 0, 0 }, suppressed = 0;
    unsigned char explained[SF_KINDS] = { 0 };

    for (size_t i = 0; i < r->all->count; i++) {
        const struct sf_found *f = &r->all->found[i];

        if (f->suppressed) {
            suppressed++;
            continue;
        }
        levels[sf_found_level(f)]++;
        print_one(r, f, !explained[f->kind], out);
        explained[f->kind] = 1;
    }
    fprintf(out, "sigferry: %zu error%s, %zu warning%s, %zu note%s", levels[SF_LEVEL_ERROR], plural(levels[SF_LEVEL_ERROR]),
            levels[SF_LEVEL_WARNING], plural(levels[SF_LEVEL_WARNING]), levels[SF_LEVEL_NOTE], plural(levels[SF_LEVEL_NOTE]));
    if (suppressed)
        fprintf(out, "; %zu suppressed", suppressed);
    if (r->all->no_room)
        fprintf(out, "; %llu more for which there was no room", (unsigned long long)r->all->no_room);
    if (r->all->alive)
        fprintf(out, "; %u process%s of it still run%s", r->all->alive, r->all->alive == 1 ? "" : "es", r->all->alive == 1 ? "s" : "");
    fputc('\n', out);
    if (r->retry && r->retry->table)
        fprintf(out, "sigferry: provoked in %u run%s: %u of %u pairs of a signal and a function%s\n", r->retry->runs,
                plural(r->retry->runs), r->retry->tried, r->retry->pairs, r->retry->out_of_time ? "; then the time was over" : "");
}
