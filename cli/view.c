/* The words of the columns, shared by the table and the JSON object. What the library does not know (a record that is
 * older than the process, a thread beyond its rows) is left empty rather than guessed.
 */
#include <cli/view.h>

#include <config/config.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define HAS(set, signo) (((set) >> ((signo) - 1)) & 1)

/* The longest list of threads that a column takes. */
enum { LISTED = 3 };

static void append(char *buf, unsigned size, const char *text)
{
    size_t used = strlen(buf);

    snprintf(buf + used, size - used, "%s%s", used ? "," : "", text);
}

static void append_number(char *buf, unsigned size, const char *what, int number)
{
    char text[32];

    snprintf(text, sizeof text, "%s%d", what, number);
    append(buf, size, text);
}

/* In the kernel's queues or in ours; a signal can be in both, having arrived twice. */
static uint64_t pending_anywhere(const struct sf_view *v)
{
    uint64_t set = v->proc.shared_pending;

    for (size_t i = 0; i < v->proc.tasks; i++)
        set |= v->proc.task[i].pending;
    for (int i = 0; i < SF_THREAD_ROWS; i++)
        if (v->status.thread[i].tid)
            set |= v->status.thread[i].held;
    return set;
}

/* As the program sees it. SigBlk of /proc would tell of our own blocking instead. */
static uint64_t blocked_anywhere(const struct sf_view *v)
{
    uint64_t set = 0;

    for (int i = 0; i < SF_THREAD_ROWS; i++)
        if (v->status.thread[i].tid)
            set |= v->status.thread[i].mask;
    return set;
}

int sf_view_shows(const struct sf_view *v, int signo)
{
    const struct sf_row *row = &v->status.row[signo];

    /* Not the program's: libc's two, and the relays by which we reach its threads. */
    if (signo == 32 || signo == 33 || signo == v->status.relay[0] || signo == v->status.relay[1])
        return 0;
    for (int i = 0; i < v->signalfds.count; i++)
        if (HAS(v->signalfds.at[i].set, signo) && v->signalfds.at[i].tid)
            return 1;
    return v->all || row->handler || row->caught || row->routed || row->replayed ||
           HAS(v->proc.ignored | pending_anywhere(v) | blocked_anywhere(v), signo);
}

const char *sf_view_handler(const struct sf_view *v, int signo, char *buf, unsigned size)
{
    const struct sf_row *row = &v->status.row[signo];
    uint64_t address = row->handler;

    /* What was inherited as ignored never passed through the library. */
    if (!row->caught && (address == 1 || (address == 0 && HAS(v->proc.ignored, signo))))
        snprintf(buf, size, "ignored");
    else if (address <= 1)
        snprintf(buf, size, "default");
    else
        return sf_symbol(v->symbols, address, buf, size);
    return buf;
}

const char *sf_view_flags(uint32_t flags, char *buf, unsigned size)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } known[] = {
#define SF_SAFLAG(name) { (uint32_t)SA_##name, #name },
#include <base/saflags.def>
#undef SF_SAFLAG
    };

    buf[0] = 0;
    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
        if (flags & known[i].bit)
            append(buf, size, known[i].name);
    return buf;
}

const char *sf_view_blocked(const struct sf_view *v, int signo, char *buf, unsigned size)
{
    int threads = 0, blocking = 0;

    buf[0] = 0;
    for (int i = 0; i < SF_THREAD_ROWS; i++) {
        const struct sf_thread_row *t = &v->status.thread[i];

        threads += t->tid != 0;
        if (!t->tid || !HAS(t->mask, signo))
            continue;
        if (blocking++ < LISTED)
            append_number(buf, size, "", t->tid);
    }
    /* The library keeps rows of threads from its first work on: before that it has none. */
    if (!threads)
        snprintf(buf, size, "?");
    else if (blocking && blocking == threads)
        snprintf(buf, size, "all");
    else if (blocking > LISTED)
        append_number(buf, size, "+", blocking - LISTED);
    return buf;
}

const char *sf_view_pending(const struct sf_view *v, int signo, char *buf, unsigned size)
{
    int more = 0;

    /* A routed signal that waits in the kernel waits for the listener; what is held waits for a safe moment. */
    buf[0] = 0;
    if (HAS(v->proc.shared_pending, signo))
        append(buf, size, "process");
    for (size_t i = 0; i < v->proc.tasks; i++)
        if (HAS(v->proc.task[i].pending, signo) && more++ < LISTED)
            append_number(buf, size, "thread ", v->proc.task[i].tid);
    for (int i = 0; i < SF_THREAD_ROWS; i++)
        if (v->status.thread[i].tid && HAS(v->status.thread[i].held, signo) && more++ < LISTED)
            append_number(buf, size, "held for ", v->status.thread[i].tid);
    if (more > LISTED)
        append_number(buf, size, "+", more - LISTED);
    return buf;
}

/* By what a loop learns of it: the descriptor that its handler writes to, and who reads that at which other; or
 * signalfds. */
const char *sf_view_wakeup(const struct sf_view *v, int signo, char *buf, unsigned size)
{
    const struct sf_row *row = &v->status.row[signo];
    char text[128];

    buf[0] = 0;
    if (row->wakeup == 1 && row->wakeup_reader >= 0) {
        snprintf(text, sizeof text, "fd %d, read from %d by thread %d after %.1f us", row->wakeup_fd, row->wakeup_reader,
                 row->wakeup_tid, row->wakeup_reads ? (double)row->wakeup_ns / (double)row->wakeup_reads / 1000 : 0.0);
        append(buf, size, text);
    } else if (row->wakeup == 1) {
        append_number(buf, size, "fd ", row->wakeup_fd);
    }
    for (int i = 0; i < v->signalfds.count; i++) {
        const struct sf_signalfd *s = &v->signalfds.at[i];

        if (!HAS(s->set, signo))
            continue;
        append_number(buf, size, "signalfd ", s->fd);
        if (s->tid)
            append_number(buf, size, "thread ", s->tid);
    }
    return buf;
}

const char *sf_view_mode(const struct sf_status *s)
{
    switch (s->mode) {
    case SF_MODE_IDLE:
        return "idle: nothing to route yet";
    case SF_MODE_FERRY:
        return "ferry: the listener carries routed signals";
    case SF_MODE_CHILD:
        return "child: forked, native until it first waits";
    case SF_MODE_DIRECT:
        return "direct: stepped aside, signals are native";
    }
    return "unknown";
}

const char *sf_view_failure(const struct sf_status *s)
{
    static const char *const words[] = {
        [SF_FAIL_NONE] = "",
        [SF_FAIL_CLONE] = "the listener's thread could not be started",
        [SF_FAIL_SIGNALFD] = "no signalfd, epoll or private descriptor table could be had",
        [SF_FAIL_MEMORY] = "there was no memory",
        [SF_FAIL_RELAY] = "the program has left no real-time signal for the relays",
        [SF_FAIL_DIED] = "the listener has died",
        [SF_FAIL_SYMBOL] = "libc lacks a function that is needed",
        [SF_FAIL_SECCOMP] = "a seccomp filter of the program refuses calls that are needed",
        [SF_FAIL_PASSED] = "the program is Go's, which makes its signal calls past libc",
    };

    /* A newer library may know reasons that this command does not. */
    return s->failure < sizeof words / sizeof words[0] ? words[s->failure] : "for an unknown reason";
}

const char *sf_view_replay(const struct sf_status *s, int signo)
{
    const struct sf_row *row = &s->row[signo];
    unsigned chosen = s->control.replay[signo];

    if (chosen > SF_REPLAY_UNSET && chosen <= SF_REPLAY_NOW)
        return sf_replay_name((enum sf_replay)chosen);
    return row->replay == SF_REPLAY_UNSET ? "by kind" : sf_replay_name((enum sf_replay)row->replay);
}
