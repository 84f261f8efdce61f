#include <cli/filter.h>

#include <base/names.h>
#include <cli/cli.h>
#include <cli/words.h>
#include <stdio.h>
#include <string.h>

#define BIT(event) (1u << (event))
/* Names of senders appear where the senders do. */
#define INNER (BIT(SF_EV_COMM) | BIT(SF_EV_CMDLINE))
#define NOISY (BIT(SF_EV_MASK) | BIT(SF_EV_THREAD) | BIT(SF_EV_MODE))

_Static_assert(SF_EV_END_OF_LIST <= 32, "a set of events is one word");

void sf_filter_begin(struct sf_filter *f)
{
    f->signals = ~(uint64_t)0;
    f->events = (BIT(SF_EV_END_OF_LIST) - 1) & ~INNER & ~NOISY;
}

static int add_signal(const char *word, uint64_t *set)
{
    int signo;

    if (!strcmp(word, "all")) {
        *set = ~(uint64_t)0;
        return 0;
    }
    signo = sf_signal_number(word);
    if (signo < 0)
        return sf_fail(SF_EXIT_FAILED, "trace: -e signal=%s: unknown signal; for example -e signal=HUP,CHLD", word);
    *set |= (uint64_t)1 << (signo - 1);
    return 0;
}

static int add_event(const char *word, uint64_t *set)
{
    char known[256] = "all";
    int number = sf_event_number(word);

    if (!strcmp(word, "all")) {
        *set = (BIT(SF_EV_END_OF_LIST) - 1) & ~INNER;
        return 0;
    }
    if (number > 0) {
        *set |= BIT(number);
        return 0;
    }
    for (int i = 1; i < SF_EV_END_OF_LIST; i++)
        if (!(INNER & BIT(i)))
            snprintf(known + strlen(known), sizeof known - strlen(known), ", %s", sf_word_event((unsigned)i));
    return sf_fail(SF_EXIT_FAILED, "trace: -e event=%s: unknown event; there are %s", word, known);
}

/* Words separated by commas; after a "!" all others. */
static int parse(const char *list, int (*add)(const char *word, uint64_t *set), uint64_t *set)
{
    char text[512], *word, *next;
    int others = *list == '!', status = 0;

    *set = 0;
    if (snprintf(text, sizeof text, "%s", list + others) >= (int)sizeof text)
        return sf_fail(SF_EXIT_FAILED, "trace: -e %.40s...: too long", list);
    for (word = text; word && !status; word = next) {
        next = strchr(word, ',');
        if (next)
            *next++ = 0;
        status = add(word, set);
    }
    if (others)
        *set = ~*set;
    return status;
}

int sf_filter_add(struct sf_filter *f, const char *expression)
{
    uint64_t set;
    int status;

    if (!strncmp(expression, "signal=", 7)) {
        status = parse(expression + 7, add_signal, &set);
        f->signals &= set;
        return status;
    }
    if (!strncmp(expression, "event=", 6)) {
        status = parse(expression + 6, add_event, &set);
        f->events = (uint32_t)set & (BIT(SF_EV_END_OF_LIST) - 1) & ~INNER;
        return status;
    }
    return sf_fail(SF_EXIT_FAILED, "trace: -e %s: is neither signal=... nor event=...", expression);
}

int sf_filter_passes(const struct sf_filter *f, const struct sf_record *r)
{
    if (r->event >= SF_EV_END_OF_LIST || !(f->events & BIT(r->event)))
        return 0;
    return !r->signo || r->signo > 64 || ((f->signals >> (r->signo - 1)) & 1);
}
