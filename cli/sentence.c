/* One finding in one sentence. */
#include <cli/findings.h>

#include <base/names.h>
#include <base/text.h>
#include <stdio.h>
#include <string.h>

enum {
    KIND_NONE,
#define SF_FINDING(id, name, level, what, why, remedy) KIND_##id,
#include <base/findings.def>
#undef SF_FINDING
};

/* "on_alarm", "prog+0x1139" */
static void place_name(const struct sf_place *p, char *buf, size_t size)
{
    if (p->symbol)
        snprintf(buf, size, "%s", p->symbol);
    else if (p->object)
        snprintf(buf, size, "%s+0x%llx", sf_text_basename(p->object), (unsigned long long)p->offset);
    else
        snprintf(buf, size, "0x%llx", (unsigned long long)p->pc);
}

static void set_names(uint64_t set, char *buf, size_t size)
{
    char name[16];
    size_t used = 0;

    buf[0] = 0;
    for (int s = 1; s <= 64 && used < size - 24; s++)
        if ((set >> (s - 1)) & 1)
            used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? ", " : "", sf_signal_name(s, name));
}

static const char *error_name(uint64_t number)
{
    const char *name = strerrorname_np((int)number);

    return number == 0 ? "0" : name ? name : "?";
}

/* How the signal met what it interrupted. */
static const char *met(const struct sf_found *f)
{
    return f->verdict == SF_VERDICT_AVERTED ? "would have interrupted" : "has interrupted";
}

/* What the handler does; the sentence goes on behind "handler H of SIGNAL ". */
static void act(const struct sf_found *f, char *buf, size_t size)
{
    char names[160], more[160], other[16];

    switch (f->kind) {
    case KIND_REENTERED:
        snprintf(buf, size, "calls %s and %s %s", f->called, met(f), f->inside);
        return;
    case KIND_UNSAFE_CALL:
    case KIND_EXIT_IN_HANDLER:
        if (f->inside[0])
            snprintf(buf, size, "calls %s and %s %s", f->called, met(f), f->inside);
        else
            snprintf(buf, size, "calls %s, which is not async-signal-safe", f->called);
        return;
    case KIND_LOCK_HELD:
        snprintf(buf, size, "waits in %s for a lock that its own thread holds", f->called);
        return;
    case KIND_JUMP_FROM_UNSAFE:
        snprintf(buf, size, "jumps away and %s %s", met(f), f->inside);
        return;
    case KIND_ERRNO_SPOILED:
        snprintf(buf, size, "changes errno from %s to %s", error_name(f->value[0]), error_name(f->value[1]));
        return;
    case KIND_MASK_CHANGED:
        set_names(f->value[1] & ~f->value[0], names, sizeof names);
        set_names(f->value[0] & ~f->value[1], more, sizeof more);
        snprintf(buf, size, "leaves %s%s%s%s%s", names[0] ? "blocked: " : "", names, names[0] && more[0] ? "; " : "",
                 more[0] ? "unblocked: " : "", more);
        return;
    case KIND_HANDLER_SLOW:
        snprintf(buf, size, "ran for %.3f s", (double)f->value[0] / 1e9);
        return;
    case KIND_HANDLER_CUT:
        snprintf(buf, size, "%s %s in the handler of %s", met(f), f->inside,
                 f->value[0] && f->value[0] <= 64 ? sf_signal_name((int)f->value[0], other) : "another signal");
        return;
    case KIND_WAKEUP_FULL:
        snprintf(buf, size, "writes to descriptor %d, which is full: the wake-up is dropped", f->fd);
        return;
    case KIND_WAKEUP_BLOCKING:
        snprintf(buf, size, "writes to descriptor %d, which blocks when it is full, and this process is its reader", f->fd);
        return;
    case KIND_WAKEUP_CLOSED:
        snprintf(buf, size, "writes to descriptor %d, which is closed", f->fd);
        return;
    case KIND_WAKEUP_INHERITED:
        snprintf(buf, size, "writes to descriptor %d, a pipe that it shares with its parent process", f->fd);
        return;
    case KIND_CHILDREN_LOST:
        snprintf(buf, size, "waited for one child, and others have ended, too");
        return;
    case KIND_RESET_RACE:
        snprintf(buf, size, "installs itself anew: until then the signal acts by default");
        return;
    default:
        snprintf(buf, size, "%s", sf_kind_what(f->kind));
    }
}

/* Findings without a handler. */
static void outside(const struct sf_found *f, const char *signal, char *buf, size_t size)
{
    char names[160];

    set_names(f->value[0], names, sizeof names);
    switch (f->kind) {
    case KIND_EXEC_WITH_BLOCKED:
        snprintf(buf, size, "%s starts a program with %s blocked", f->called[0] ? f->called : "exec", names);
        return;
    case KIND_EXEC_WITH_IGNORED:
        snprintf(buf, size, "%s starts a program with %s ignored", f->called[0] ? f->called : "exec", names);
        return;
    case KIND_SIGNALS_MERGED:
        snprintf(buf, size, "%s sends %s while the one before still pends%s", f->called[0] ? f->called : "kill", signal,
                 f->value[0] ? "" : " in this very process");
        return;
    case KIND_UNSAFE_AFTER_FORK:
        snprintf(buf, size, "a forked child of a process with threads calls %s before exec", f->called);
        return;
    default:
        snprintf(buf, size, "%s", sf_kind_what(f->kind));
    }
}

void sf_found_sentence(const struct sf_found *f, char *buf, size_t size)
{
    char signal[16], name[160], what[512];

    snprintf(signal, sizeof signal, "%s", "");
    if (f->signo)
        sf_signal_name(f->signo, signal);
    if (f->kind == KIND_LOST_WAKEUP) {
        snprintf(buf, size, "%s came between the look at a flag and %s", signal, f->called[0] ? f->called : "the call that waits");
    } else if (f->kind == KIND_BLOCKED_FOREVER) {
        snprintf(buf, size, "%s came and stayed blocked: its handler never ran", signal);
    } else if (f->handler_at) {
        place_name(&f->handler, name, sizeof name);
        act(f, what, sizeof what);
        snprintf(buf, size, "handler %s of %s %s", name, signal, what);
    } else {
        outside(f, signal, buf, size);
    }
}

/* The handler's own last line before it went into a library: what its author can change. */
static const struct sf_place *own_line(const struct sf_found *f)
{
    for (int i = 0; f->handler.object && i < f->by.count; i++)
        if (f->by.place[i].object && strcmp(f->by.place[i].object, f->handler.object) == 0)
            return &f->by.place[i];
    return NULL;
}

const struct sf_place *sf_found_place(const struct sf_found *f)
{
    const struct sf_place *own = own_line(f);

    if (own || f->called_at.object)
        return own ? own : &f->called_at;
    if (f->handler.object && f->kind != KIND_LOST_WAKEUP)
        return &f->handler;
    return f->at.count ? &f->at.place[0] : f->handler.object ? &f->handler : NULL;
}
