/* context: handler */
#include <base/names.h>

#include <base/text.h>
#include <signal.h>

/* The kernel's own range under glibc, which keeps 32 and 33 to itself. SIGRTMIN and SIGRTMAX of <signal.h>
 * are calls into libc, and shrink as real-time signals are reserved. */
enum { RT_MIN = 34, RT_MAX = 64, LONGEST_NAME = 16 };

static const struct entry {
    const char *name;
    int signo;
} table[] = {
#define SF_SIGNAL(name, class) { #name, SIG##name },
#define SF_ALIAS(other, name) { #other, SIG##name },
#include <base/signals.def>
#undef SF_SIGNAL
#undef SF_ALIAS
};

enum { ENTRIES = sizeof table / sizeof table[0] };

/* From the nearer end, as bash does: names at the top are usually meant relative to SIGRTMAX. */
static void realtime_name(struct sf_text *t, int signo)
{
    int from_top = signo > (RT_MIN + RT_MAX) / 2;
    int distance = from_top ? RT_MAX - signo : signo - RT_MIN;

    sf_text_add(t, from_top ? "RTMAX" : "RTMIN");
    if (!distance)
        return;
    sf_text_add(t, from_top ? "-" : "+");
    sf_text_number(t, distance);
}

const char *sf_signal_name(int signo, char *buf)
{
    struct sf_text t;

    sf_text_start(&t, buf, LONGEST_NAME);
    sf_text_add(&t, "SIG");
    if (signo >= RT_MIN && signo <= RT_MAX) {
        realtime_name(&t, signo);
        return buf;
    }
    for (int i = 0; i < ENTRIES; i++)
        if (table[i].signo == signo) {
            sf_text_add(&t, table[i].name);
            return buf;
        }
    sf_text_number(&t, signo);
    return buf;
}

/* What follows RTMIN or RTMAX: nothing, or `sign` and a distance inside the range. */
static int realtime_number(const char *rest, int base, char sign)
{
    uint64_t distance;

    if (!*rest)
        return base;
    if (*rest != sign || sf_parse_number(rest + 1, RT_MAX - RT_MIN, &distance))
        return -1;
    return sign == '+' ? base + (int)distance : base - (int)distance;
}

int sf_signal_number(const char *text)
{
    const char *rest = sf_text_after(text, "SIG");
    const char *name = rest ? rest : text;
    uint64_t number;

    /* "SIG32" as well as "32": every name that sf_signal_name gives is understood. */
    if (!sf_parse_number(name, RT_MAX, &number))
        return number ? (int)number : -1;
    if ((rest = sf_text_after(name, "RTMIN")))
        return realtime_number(rest, RT_MIN, '+');
    if ((rest = sf_text_after(name, "RTMAX")))
        return realtime_number(rest, RT_MAX, '-');
    for (int i = 0; i < ENTRIES; i++)
        if (sf_text_equal_nocase(name, table[i].name))
            return table[i].signo;
    return -1;
}
