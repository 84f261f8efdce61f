/* How to provoke a finding once more. */
#include <base/names.h>
#include <cli/report.h>
#include <config/provoke.h>
#include <string.h>

/* As a shell takes it. */
static size_t quote(char *buf, size_t used, size_t size, const char *word)
{
    int plain = *word && !word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./,:@%")];

    if (used + 4 * strlen(word) + 4 >= size)
        return size;
    if (plain)
        return used + (size_t)snprintf(buf + used, size - used, " %s", word);
    used += (size_t)snprintf(buf + used, size - used, " '");
    for (; *word; word++)
        used += (size_t)snprintf(buf + used, size - used, *word == '\'' ? "'\\''" : "%c", *word);
    return used + (size_t)snprintf(buf + used, size - used, "'");
}

void sf_report_again(const struct sf_report *r, const struct sf_found *f, char *buf, size_t size)
{
    char name[16], moment[32] = "";
    size_t used;

    *buf = 0;
    if (!r->provoked || !f->shot[0])
        return;
    switch (f->shot_at & 3) {
    case SF_PROVOKE_ENTRY:
        snprintf(moment, sizeof moment, "/entry");
        break;
    case SF_PROVOKE_EXIT:
        snprintf(moment, sizeof moment, "/exit");
        break;
    default:
        snprintf(moment, sizeof moment, "/%uns", f->shot_at >> 2);
    }
    used = (size_t)snprintf(buf, size, "sigferry check%s --provoke=%s@%s#%u%s --", r->native ? " --native" : "",
                            sf_signal_name(f->signo, name) + 3, f->shot, f->shot_count, moment);
    for (int i = 0; r->argv && r->argv[i] && used < size; i++)
        used = quote(buf, used, size, r->argv[i]);
    if (used >= size)
        *buf = 0; /* too long to be of use */
}
