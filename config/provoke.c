/* context: setup
 *
 * What SIGFERRY_PROVOKE and --provoke say.
 */
#include "config/provoke.h"

#include <errno.h>
#include <signal.h>

#include "base/names.h"
#include "base/text.h"

/* Up to one of `ends` or the end of the text, into `to`. Returns what comes behind, NULL if it does not fit. */
static const char *take(const char *from, const char *ends, char *to, unsigned size)
{
    unsigned n = 0;
    for (; *from; from++) {
        for (const char *e = ends; *e; e++)
            if (*from == *e) {
                to[n] = 0;
                return from;
            }
        if (n + 1 >= size)
            return NULL;
        to[n++] = *from;
    }
    to[n] = 0;
    return from;
}

/* A number from 1 to 2^32 - 1, and what follows it. */
static const char *take_number(const char *from, uint32_t *number)
{
    uint64_t n = 0;
    const char *p = from;
    for (; *p >= '0' && *p <= '9' && n <= UINT32_MAX; p++)
        n = n * 10 + (uint64_t)(*p - '0');
    *number = (uint32_t)n;
    return p == from || !n || n > UINT32_MAX ? NULL : p;
}

static const char *take_signals(const char *from, sf_set *signals)
{
    char name[16];
    while (*from && *from != '@') {
        int signo;
        from = take(from, ",@", name, sizeof name);
        signo = from ? sf_signal_number(name) : -1;
        if (signo < 1 || signo > 64 || signo == SIGKILL || signo == SIGSTOP)
            return NULL;
        *signals |= SF_BIT(signo);
        if (*from == ',' && *++from == 0)
            return NULL;
    }
    return from;
}

static int take_moment(const char *from, struct sf_provoke *p)
{
    if (sf_text_equal(from, "entry") || sf_text_equal(from, "exit")) {
        p->at = from[1] == 'n' ? SF_PROVOKE_ENTRY : SF_PROVOKE_EXIT;
        return 0;
    }
    p->at = SF_PROVOKE_AFTER;
    from = take_number(from, &p->ns);
    return from && sf_text_equal(from, "ns") ? 0 : -EINVAL;
}

static int parse(struct sf_provoke *p, const char *text)
{
    text = take_signals(text, &p->signals);
    if (!text)
        return -EINVAL;
    if (!*text)
        return 0;
    text = take(text + 1, "#/", p->function, sizeof p->function);
    if (text && *text == '#')
        text = take_number(text + 1, &p->count);
    if (!text || !p->function[0])
        return -EINVAL;
    if (!*text)
        return 0;
    return *text == '/' ? take_moment(text + 1, p) : -EINVAL;
}

int sf_provoke_parse(struct sf_provoke *p, const char *text)
{
    static const struct sf_provoke nothing;
    int err;

    *p = nothing;
    err = parse(p, text);
    if (err)
        *p = nothing;
    p->on = !err;
    return err;
}
