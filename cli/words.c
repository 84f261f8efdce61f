#include <cli/words.h>

#include <base/names.h>
#include <base/sigset.h>
#include <base/text.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

struct name {
    int number, signo;
    const char *name;
};

static const struct {
    const char *name, *payload;
} events[] = {
#define SF_EVENT(id, name, payload) { name, #payload },
#include <base/events.def>
#undef SF_EVENT
};

static const struct name codes[] = {
#define SF_SICODE(signal, name) { name, signal, #name },
#include <base/sicodes.def>
#undef SF_SICODE
};

static const struct name calls[] = {
#define SF_CALL(name) { SYS_##name, 0, #name },
#include <base/calls.def>
#undef SF_CALL
};

static const char *const senders[] = { [SF_FROM_KERNEL] = "kernel",   [SF_FROM_TIMER] = "timer", [SF_FROM_CHILD] = "child",
                                       [SF_FROM_SELF] = "itself",     [SF_FROM_USER] = "process", [SF_FROM_OUTSIDE] = "outside",
                                       [SF_FROM_OTHER] = "descriptor" };
static const char *const reasons[] = { [SF_WHY_NONE] = "unknown",       [SF_WHY_BLOCKED] = "blocked", [SF_WHY_GUARDED] = "guarded",
                                       [SF_WHY_NO_POINT] = "no-point", [SF_WHY_BUSY] = "busy",       [SF_WHY_RUNNER] = "runner",
                                       [SF_WHY_ENDS] = "ends" };
static const char *const kinds[] = { [SF_SEND_NONE] = "send", [SF_SEND_KILL] = "kill", [SF_SEND_KILLPG] = "killpg",
                                     [SF_SEND_RAISE] = "raise", [SF_SEND_TGKILL] = "tgkill",
                                     [SF_SEND_PTHREAD_KILL] = "pthread_kill", [SF_SEND_SIGQUEUE] = "sigqueue",
                                     [SF_SEND_PTHREAD_SIGQUEUE] = "pthread_sigqueue",
                                     [SF_SEND_PIDFD] = "pidfd_send_signal", [SF_SEND_ABORT] = "abort",
                                     [SF_SEND_ALARM] = "alarm", [SF_SEND_SETITIMER] = "setitimer",
                                     [SF_SEND_TIMER_SETTIME] = "timer_settime" };
static const char *const points[] = { [SF_COUNT_AT_POINT] = "point", [SF_COUNT_AT_SAFE] = "safe", [SF_COUNT_FORCED] = "forced",
                                      [SF_COUNT_IN_PLACE] = "in-place", [SF_COUNT_RUNNER] = "helper", [SF_COUNT_NOW] = "now",
                                      [SF_COUNT_DIRECT] = "direct" };
static const char *const modes[] = { "idle", "ferry", "child", "direct" };

#define PICK(table, i) ((i) < sizeof(table) / sizeof(table)[0] && (table)[i] ? (table)[i] : "unknown")

const char *sf_word_event(unsigned event)
{
    return event < SF_EV_END_OF_LIST ? events[event].name : "unknown";
}

const char *sf_word_event_payload(unsigned event)
{
    return event < SF_EV_END_OF_LIST ? events[event].payload : "word";
}

int sf_event_number(const char *word)
{
    for (int i = 1; i < SF_EV_END_OF_LIST; i++)
        if (!strcmp(word, events[i].name))
            return i;
    return -1;
}

const char *sf_word_sender(unsigned class)
{
    return PICK(senders, class);
}

const char *sf_word_why(unsigned why)
{
    return PICK(reasons, why);
}

const char *sf_word_at(unsigned at)
{
    return PICK(points, at);
}

const char *sf_word_send(unsigned kind)
{
    return PICK(kinds, kind);
}

const char *sf_word_mode(unsigned mode)
{
    return PICK(modes, mode);
}

const char *sf_word_code(int signo, int code, char *buf, unsigned size)
{
    for (unsigned i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].number == code && (!codes[i].signo || codes[i].signo == signo))
            return codes[i].name;
    snprintf(buf, size, "%d", code);
    return buf;
}

const char *sf_word_family(unsigned family)
{
    static const char *const names[] = { "",
#define SF_FAMILY(name, shared) #name,
#include <base/families.def>
#undef SF_FAMILY
    };

    return family < sizeof names / sizeof names[0] ? names[family] : "";
}

const char *sf_word_error(int error, char *buf, unsigned size)
{
    const char *name = error ? strerrorname_np(error) : NULL;

    snprintf(buf, size, name ? "%s" : "%s%d", name ? name : "", error);
    return buf;
}

const char *sf_word_call(int number, char *buf, unsigned size)
{
    for (unsigned i = 0; i < sizeof calls / sizeof calls[0]; i++)
        if (calls[i].number == number)
            return calls[i].name;
    snprintf(buf, size, "syscall %d", number);
    return buf;
}

const char *sf_word_flags(uint32_t flags, char *buf, unsigned size)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } known[] = {
#define SF_SAFLAG(name) { (uint32_t)SA_##name, "SA_" #name },
#include <base/saflags.def>
#undef SF_SAFLAG
    };
    struct sf_text t;

    sf_text_start(&t, buf, size);
    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
        if (flags & known[i].bit) {
            sf_text_add(&t, t.used ? "|" : "");
            sf_text_add(&t, known[i].name);
        }
    if (!t.used)
        sf_text_add(&t, "0");
    return buf;
}

/* Nearly all: those that are not in it. */
const char *sf_word_set(uint64_t set, char *buf, unsigned size)
{
    char name[16];
    struct sf_text t;
    int most = __builtin_popcountll(set) > 32;

    sf_text_start(&t, buf, size);
    sf_text_add(&t, most ? "~[" : "[");
    if (most)
        set = ~set & ~(SF_SET_LIBC | SF_SET_UNBLOCKABLE);
    for (int s = 1, n = 0; s < 65; s++)
        if (SF_HAS(set, s)) {
            sf_text_add(&t, n++ ? " " : "");
            sf_text_add(&t, sf_signal_name(s, name) + 3);
        }
    sf_text_add(&t, "]");
    return buf;
}

const char *sf_word_time(uint64_t ns, char *buf, unsigned size)
{
    struct sf_text t;

    if (ns < 1000) {
        sf_text_start(&t, buf, size);
        sf_text_number(&t, (int64_t)ns);
        sf_text_add(&t, "ns");
    } else if (ns < 1000000) {
        sf_text_start(&t, buf, size);
        sf_text_number(&t, (int64_t)((ns + 50) / 1000));
        sf_text_add(&t, ".");
        sf_text_number(&t, (int64_t)((ns + 50) / 100 % 10));
        sf_text_add(&t, "us");
    } else if (ns < 1000000000) {
        snprintf(buf, size, "%.1fms", (double)ns / 1e6);
    } else {
        snprintf(buf, size, "%.2fs", (double)ns / 1e9);
    }
    return buf;
}

unsigned sf_sender_of(const struct sf_record *r, int pid)
{
    return sf_sender_class(r->signo, r->signal.code, r->signal.pid, pid);
}
