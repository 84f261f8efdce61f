/* context: setup
 *
 * One key, one value: what is understood, and what is said where it is not.
 */
#include <config/layer.h>

#include <base/names.h>
#include <base/text.h>
#include <errno.h>
#include <signal.h>

/* The words of one key, in the order of its enum. Index 0 has no word where it means "unset". */
struct words {
    const char *key;
    int count;
    const char *word[6];
};

static const struct words routes = { "route", 4, { 0, "auto", "signalfd", "direct" } };
static const struct words replays = {
    "replay", 6, { 0, "interruption-point", "safe-point", "helper", "helper-concurrent", "now" }
};
static const struct words wakeups = { "wakeup", 2, { "auto", "off" } };
static const struct words guards = { "guard", 2, { "off", "on" } };
static const struct words traces = { "trace", 3, { "off", "on", "deaths" } };
static const struct words checks = { "check", 3, { "off", "on", "native" } };
static const struct words faults = { "fault", 4, { "none", "clone", "signalfd", "death" } };

enum class { ASYNC, FAULT, WRITE, NEVER };

static const unsigned char classes[SF_NSIG] = {
#define SF_SIGNAL(name, class) [SIG##name] = class,
#define SF_ALIAS(other, name)
#include <base/signals.def>
#undef SF_SIGNAL
#undef SF_ALIAS
};

const char *sf_route_name(enum sf_route r)
{
    return (int)r > 0 && (int)r < routes.count ? routes.word[r] : "unset";
}

const char *sf_replay_name(enum sf_replay r)
{
    return (int)r > 0 && (int)r < replays.count ? replays.word[r] : "unset";
}

/* Say which words would have been right: "a, b or c". */
static void list_words(struct sf_text *why, const struct words *w)
{
    for (int i = 0, said = 0; i < w->count; i++) {
        if (!w->word[i])
            continue;
        if (said++)
            sf_text_add(why, i == w->count - 1 ? " or " : ", ");
        sf_text_add(why, w->word[i]);
    }
}

/* One word of the list; else say what was found and what would be right. */
static int parse_word(const struct words *w, const char *value, int *out, struct sf_text *why)
{
    for (int i = 0; i < w->count; i++)
        if (w->word[i] && sf_text_equal(value, w->word[i])) {
            *out = i;
            return 0;
        }
    sf_text_add(why, *value ? "unknown " : "no value for ");
    sf_text_add(why, w->key);
    if (*value) {
        sf_text_add(why, " ");
        sf_text_quote(why, value);
    }
    sf_text_add(why, "; use ");
    list_words(why, w);
    return -EINVAL;
}

/* A duration. "never" is for the limit alone: whoever has all patience still gets a forced replay at the limit. */
static int parse_time(const char *key, const char *value, int may_be_never, int64_t *out, struct sf_text *why)
{
    int err;

    if (sf_text_equal(value, "never")) {
        *out = SF_LIMIT_NEVER;
        if (may_be_never)
            return 0;
        err = -EINVAL;
    } else {
        err = sf_parse_duration(value, out);
    }
    if (!err)
        return 0;
    sf_text_add(why, key);
    sf_text_add(why, " ");
    sf_text_quote(why, value);
    sf_text_add(why, err == -EDOM     ? " has no unit; write us, ms or s behind the number"
                     : err == -ERANGE ? " is too long; at most 3600s"
                                      : " is no duration; use a whole number and a unit: 500us, 20ms, 1s, or 0");
    if (may_be_never && err != -EDOM)
        sf_text_add(why, ", or never");
    return -EINVAL;
}

int sf_layer_signal(const char *name, int *signo, struct sf_text *why)
{
    *signo = sf_signal_number(name);
    if (*signo < 0) {
        sf_text_add(why, "unknown signal ");
        sf_text_quote(why, name);
        sf_text_add(why, "; use a name as SIGHUP or SIGRTMIN+3, or a number from 1 to 64");
    } else if (*signo == 32 || *signo == 33) {
        sf_text_add(why, "signal ");
        sf_text_number(why, *signo);
        sf_text_add(why, " belongs to the C library (thread cancellation, set*id) and is left alone");
    } else if (classes[*signo] == NEVER) {
        sf_text_add(why, name);
        sf_text_add(why, " can be neither caught nor blocked, so nothing can be set for it");
    } else {
        return 0;
    }
    return -EINVAL;
}

/* The signals of a thread's own act must be handled inside that act; anything else would repeat the fault or
 * let the failed write return before its handler ran. */
static int check_class(int signo, int is_route, int chosen, struct sf_text *why)
{
    char name[16];

    if (classes[signo] == ASYNC || chosen == (is_route ? (int)SF_ROUTE_DIRECT : (int)SF_REPLAY_NOW))
        return 0;
    sf_text_add(why, sf_signal_name(signo, name));
    sf_text_add(why, classes[signo] == FAULT ? " is a fault of the running thread" : " answers the thread's own write");
    sf_text_add(why, " and is always handled in place; only ");
    sf_text_add(why, is_route ? "route=direct" : "replay=now");
    sf_text_add(why, " is possible");
    return -EINVAL;
}

/* Places of the ring: rounded up to a power of two. */
static int parse_records(const char *value, int *out, struct sf_text *why)
{
    uint64_t n;

    if (sf_parse_number(value, 4u << 20, &n) || n < 1024) {
        sf_text_add(why, "records ");
        sf_text_quote(why, value);
        sf_text_add(why, " is no number from 1024 to 4194304");
        return -EINVAL;
    }
    for (*out = 1024; (uint64_t)*out < n; *out *= 2)
        ;
    return 0;
}

/* The four keys that exist for each signal. 1: `key` is none of them. */
static int set_for_signal(struct sf_signal_config *s, int signo, const char *key, const char *value,
                          struct sf_text *why)
{
    int chosen, err;
    int64_t ns;

    if (sf_text_equal(key, "route")) {
        err = parse_word(&routes, value, &chosen, why);
        if (!err && signo)
            err = check_class(signo, 1, chosen, why);
        if (!err)
            s->route = (enum sf_route)chosen;
    } else if (sf_text_equal(key, "replay")) {
        err = parse_word(&replays, value, &chosen, why);
        if (!err && signo)
            err = check_class(signo, 0, chosen, why);
        if (!err)
            s->replay = (enum sf_replay)chosen;
    } else if (sf_text_equal(key, "patience")) {
        err = parse_time(key, value, 0, &ns, why);
        if (!err)
            s->patience_ns = ns;
    } else if (sf_text_equal(key, "limit")) {
        err = parse_time(key, value, 1, &ns, why);
        if (!err)
            s->limit_ns = ns;
    } else {
        return 1;
    }
    return err;
}

/* "SIGHUP.replay": split at the dot. The name is copied, since `key` belongs to the caller. */
static int set_dotted(struct sf_layer *layer, const char *key, const char *dot, const char *value,
                      struct sf_text *why)
{
    char name[24];
    struct sf_text t;
    int signo, err;

    sf_text_start(&t, name, sizeof name);
    if ((unsigned)(dot - key) < sizeof name)
        for (const char *c = key; c < dot; c++) {
            char one[2] = { *c, 0 };
            sf_text_add(&t, one);
        }
    else
        sf_text_add(&t, key); /* cut, and unknown in any case */
    err = sf_layer_signal(name, &signo, why);
    return err ? err : sf_layer_set(layer, signo, dot + 1, value, why);
}

int sf_layer_set(struct sf_layer *layer, int signo, const char *key, const char *value, struct sf_text *why)
{
    const char *dot = key;
    int err = set_for_signal(signo ? &layer->signal[signo] : &layer->all, signo, key, value, why);

    if (err <= 0)
        return err;
    if (!signo) {
        if (sf_text_equal(key, wakeups.key))
            return parse_word(&wakeups, value, &layer->wakeup, why);
        if (sf_text_equal(key, guards.key))
            return parse_word(&guards, value, &layer->guard, why);
        if (sf_text_equal(key, traces.key))
            return parse_word(&traces, value, &layer->trace, why);
        if (sf_text_equal(key, "records"))
            return parse_records(value, &layer->records, why);
        if (sf_text_equal(key, checks.key))
            return parse_word(&checks, value, &layer->check, why);
        if (sf_text_equal(key, "slow"))
            return parse_time(key, value, 1, &layer->slow_ns, why);
        if (sf_text_equal(key, faults.key))
            return parse_word(&faults, value, &layer->fault, why);
        while (*dot && *dot != '.')
            dot++;
        if (*dot)
            return set_dotted(layer, key, dot, value, why);
    }
    sf_text_add(why, "unknown key ");
    sf_text_quote(why, key);
    sf_text_add(why, signo ? " for a signal; use route, replay, patience or limit"
                           : "; use route, replay, patience, limit, wakeup, guard, trace, records, check, slow or SIGNAL.replay");
    return -EINVAL;
}
