/* Reads ring files the plain way, as trace/format.h says: one line of JSON for each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trace/format.h>

static int dump(const char *path)
{
    FILE *f = fopen(path, "re");
    struct sf_status *s = malloc(sizeof *s);
    unsigned long whole = 0, begins = 0, ends = 0, first = 0, wrong = 0, handlers = 0, run = 0;
    struct sf_record r;

    if (!f || !s || fread(s, sizeof *s, 1, f) != 1 || memcmp(s->magic, SF_FORMAT_MAGIC, 16) || s->version != SF_FORMAT_VERSION)
        return 1;
    for (uint64_t i = 0; i < s->records && fread(&r, sizeof r, 1, f) == 1; i++) {
        uint64_t number = r.seq / 2 - 1;

        if (!r.seq || (r.seq & 1))
            continue;
        wrong += number % s->records != i;
        whole++;
        begins += r.event == SF_EV_BEGIN;
        ends += r.event == SF_EV_END;
        if (!first || number < first)
            first = number;
    }
    for (int i = 0; i < SF_STATS; i++)
        if (s->stat[i].state == 2) {
            handlers++;
            run += s->stat[i].run.count;
        }
    printf("{\"pid\": %d, \"next\": %llu, \"records\": %u, \"whole\": %lu, \"begins\": %lu, \"ends\": %lu, \"wrong\": %lu, "
           "\"first\": %lu, \"dropped\": %llu, \"replayed\": %llu, \"usr1\": %llu, \"handlers\": %lu, \"run\": %lu, \"comm\": \"%.16s\"}\n",
           s->pid, (unsigned long long)s->next, s->records, whole, begins, ends, wrong, first,
           (unsigned long long)s->counter[SF_COUNT_DROPPED], (unsigned long long)s->counter[SF_COUNT_REPLAYED],
           (unsigned long long)s->row[10].replayed, handlers, run, s->comm);
    fclose(f);
    free(s);
    return 0;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (dump(argv[i]))
            return 1;
    return 0;
}
