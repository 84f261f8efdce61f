/* One line for each event, in the spirit of strace. */
#include <cli/writer.h>

#include <base/names.h>
#include <cli/naming.h>
#include <cli/put.h>
#include <cli/words.h>
#include <signal.h>
#include <string.h>

enum { PLAIN, RED = 31, GREEN = 32, YELLOW = 33, BLUE = 34, CYAN = 36, GREY = 90 };

static void paint(struct sf_writer *w, int colour)
{
    if (w->colour)
        fprintf(w->out, "\033[%dm", colour);
}

/* Names are other people's bytes: nothing in them may reach the terminal as a control sequence. */
static void put_name(struct sf_writer *w, const char *name)
{
    for (; *name; name++)
        sf_put_char(w->out, (unsigned char)*name < 32 || *name == 127 ? '?' : *name);
}

static void put_head(struct sf_writer *w, const struct sf_happening *h, int tid)
{
    paint(w, GREY);
    sf_put_time(w->out, h->real_ns);
    paint(w, PLAIN);
    sf_put(w->out, " [");
    sf_put_number(w->out, h->process->ring.pid);
    if (tid && tid != h->process->ring.pid) {
        sf_put_char(w->out, '/');
        sf_put_number(w->out, tid);
    }
    sf_put_char(w->out, ' ');
    put_name(w, h->process->ring.status->comm);
    sf_put(w->out, "] ");
}

static const char *name_of(int signo)
{
    static char name[16];

    return signo ? sf_signal_name(signo, name) : "";
}

static void put_signal(struct sf_writer *w, int colour, const char *before, int signo, const char *after)
{
    sf_put(w->out, before);
    paint(w, colour);
    sf_put(w->out, name_of(signo));
    paint(w, PLAIN);
    sf_put(w->out, after);
}

static void put_process(struct sf_writer *w, const struct sf_happening *h, int pid)
{
    sf_put_number(w->out, pid);
    if (!h->sender)
        return;
    sf_put(w->out, " (");
    if (h->sender->comm[0])
        put_name(w, h->sender->comm);
    else
        sf_put(w->out, "gone before it could be looked up");
    sf_put(w->out, ")");
}

/* {SI_USER, from 1200 (bash), uid 0} */
static void put_sender(struct sf_writer *w, const struct sf_happening *h)
{
    const struct sf_record *r = h->record;
    unsigned class = sf_sender_of(r, h->process->ring.pid);
    char code[24], error[24];

    sf_put_char(w->out, '{');
    sf_put(w->out, sf_word_code(r->signo, r->signal.code, code, sizeof code));
    switch (class) {
    case SF_FROM_OUTSIDE:
        sf_put(w->out, ", from outside this pid namespace");
        break;
    case SF_FROM_SELF:
        sf_put(w->out, ", from itself");
        break;
    case SF_FROM_CHILD:
        sf_put(w->out, ", child ");
        put_process(w, h, r->signal.pid);
        if (r->signal.code == CLD_EXITED)
            fprintf(w->out, ", status %d", (int)r->signal.value);
        else
            fprintf(w->out, ", %s", name_of((int)(r->signal.value & 127)));
        break;
    case SF_FROM_USER:
        sf_put(w->out, ", from ");
        put_process(w, h, r->signal.pid);
        break;
    }
    if (class == SF_FROM_USER || class == SF_FROM_OUTSIDE) {
        sf_put(w->out, ", uid ");
        sf_put_number(w->out, r->signal.uid);
    }
    if (r->signal.value && class != SF_FROM_CHILD) {
        sf_put(w->out, ", value ");
        sf_put_hex(w->out, r->signal.value);
    }
    if (r->event == SF_EV_MERGED && r->merged.count > 1)
        fprintf(w->out, ", %u times", r->merged.count);
    if (r->signal.error && r->event == SF_EV_BEGIN)
        fprintf(w->out, ", errno %s", sf_word_error(r->signal.error, error, sizeof error));
    sf_put_char(w->out, '}');
}

static void put_symbol(struct sf_writer *w, const struct sf_happening *h, uint64_t address, int caller)
{
    put_name(w, sf_naming_text(h->process, address, caller));
}

static void put_caller(struct sf_writer *w, const struct sf_happening *h, uint64_t caller)
{
    if (!caller)
        return;
    paint(w, GREY);
    sf_put(w->out, ", by ");
    put_symbol(w, h, caller, 1);
    paint(w, PLAIN);
}

static void put_depth(struct sf_writer *w, const struct sf_record *r)
{
    for (int i = 1; i < r->depth; i++)
        sf_put(w->out, "  ");
}

static void put_begin(struct sf_writer *w, const struct sf_happening *h)
{
    static const char *const where[] = { [SF_COUNT_AT_POINT] = ", in an interruption point ", [SF_COUNT_AT_SAFE] = ", at a safe point ",
                                         [SF_COUNT_FORCED] = ", anywhere, for the limit was over ",
                                         [SF_COUNT_IN_PLACE] = ", in place ", [SF_COUNT_RUNNER] = ", on the helper thread ",
                                         [SF_COUNT_NOW] = ", at once " };
    const struct sf_record *r = h->record;
    char time[24];

    put_depth(w, r);
    put_signal(w, CYAN, "--> ", r->signo, " ");
    put_symbol(w, h, r->signal.handler, 0);
    if (r->signal.wait_ns)
        fprintf(w->out, " after %s", sf_word_time(r->signal.wait_ns, time, sizeof time));
    if (r->at < sizeof where / sizeof where[0] && where[r->at])
        sf_put(w->out, where[r->at]);
    put_sender(w, h);
}

static void put_end(struct sf_writer *w, const struct sf_happening *h)
{
    const struct sf_record *r = h->record;
    char time[24], call[32], had[24], has[24];

    put_depth(w, r);
    put_signal(w, CYAN, "<-- ", r->signo, " ");
    put_symbol(w, h, r->done.handler, 0);
    sf_put(w->out, r->at == SF_AT_JUMPED ? " left by a jump after " : " ran ");
    sf_put(w->out, sf_word_time(r->done.run_ns, time, sizeof time));
    if (r->done.error != r->done.error_after) {
        paint(w, YELLOW);
        fprintf(w->out, ", errno %s became %s", sf_word_error(r->done.error, had, sizeof had),
                sf_word_error(r->done.error_after, has, sizeof has));
        paint(w, PLAIN);
    }
    if (r->done.call >= 0)
        fprintf(w->out, ", %s %s", sf_word_call(r->done.call, call, sizeof call),
                r->done.result == SF_RESTARTED ? "goes on" : "ends with EINTR");
}

static void put_wait(struct sf_writer *w, const struct sf_happening *h)
{
    static const char *const other[SF_WHY_ENDS + 1] = {
        [SF_WHY_NO_POINT] = "no interruption point yet", [SF_WHY_ENDS] = "the process ends, and drops it",
        [SF_WHY_RUNNER] = "the helper thread is to run it, and has enough of them",
    };
    const struct sf_record *r = h->record;
    char set[512];

    put_signal(w, YELLOW, "", r->signo, r->event == SF_EV_FORCED ? " has waited too long: its handler will run anywhere" : " waits: ");
    if (r->event == SF_EV_FORCED)
        return;
    if (r->wait.why == SF_WHY_BLOCKED && !r->tid)
        sf_put(w->out, "blocked by all threads");
    else if (r->wait.why == SF_WHY_BLOCKED)
        fprintf(w->out, "blocked %s", sf_word_set(r->wait.mask, set, sizeof set));
    else if (r->wait.why == SF_WHY_GUARDED)
        fprintf(w->out, "inside of a function that is not async-signal-safe (%s)", sf_word_family(r->wait.family));
    else
        sf_put(w->out, r->wait.why <= SF_WHY_ENDS && other[r->wait.why] ? other[r->wait.why] : "in the middle of a signal call");
}

static void put_disposition(struct sf_writer *w, const struct sf_happening *h)
{
    const struct sf_record *r = h->record;
    char flags[128], set[512];

    put_signal(w, GREEN, "", r->signo, ": ");
    put_symbol(w, h, r->action.handler, 0);
    if (r->action.handler > 1)
        fprintf(w->out, " %s %s", sf_word_flags(r->action.flags, flags, sizeof flags),
                sf_word_set(r->action.mask, set, sizeof set));
    sf_put(w->out, ", was ");
    put_symbol(w, h, r->action.old_handler, 0);
    put_caller(w, h, r->action.caller);
}

static void put_target(struct sf_writer *w, const struct sf_record *r)
{
    if (r->at != SF_SEND_RAISE && r->at != SF_SEND_ABORT) {
        sf_put_number(w->out, r->send.tid ? r->send.tid : r->send.pid);
        sf_put(w->out, ", ");
    }
    sf_put(w->out, name_of(r->signo));
}

static void put_send(struct sf_writer *w, const struct sf_happening *h)
{
    const struct sf_record *r = h->record;
    const char *call = sf_word_send(r->at), *name = name_of(r->signo);
    char first[24], period[24], error[24];
    int timer = r->at == SF_SEND_ALARM || r->at == SF_SEND_SETITIMER || r->at == SF_SEND_TIMER_SETTIME;

    paint(w, BLUE);
    sf_put(w->out, call);
    sf_put_char(w->out, '(');
    if (timer && r->send.period_ns)
        fprintf(w->out, "%s in %s, every %s", name, sf_word_time(r->send.value, first, sizeof first),
                sf_word_time(r->send.period_ns, period, sizeof period));
    else if (timer && r->send.value)
        fprintf(w->out, "%s in %s", name, sf_word_time(r->send.value, first, sizeof first));
    else if (timer)
        fprintf(w->out, "%s, off", name);
    else
        put_target(w, r);
    if (!timer && r->send.value) {
        sf_put(w->out, ", ");
        sf_put_hex(w->out, r->send.value);
    }
    sf_put_char(w->out, ')');
    paint(w, PLAIN);
    if (r->send.result)
        fprintf(w->out, " = %s", sf_word_error(-r->send.result, error, sizeof error));
    put_caller(w, h, r->send.caller);
}

static void put_mode(struct sf_writer *w, const struct sf_happening *h)
{
    const struct sf_record *r = h->record;

    fprintf(w->out, "mode %s", sf_word_mode((unsigned)r->process.pid));
    if (r->process.status)
        fprintf(w->out, ", failure %d", r->process.status);
}

static void put_mask(struct sf_writer *w, const struct sf_happening *h)
{
    char now[512], had[512];

    fprintf(w->out, "mask %s, was %s", sf_word_set(h->record->mask.mask, now, sizeof now),
            sf_word_set(h->record->mask.old_mask, had, sizeof had));
    put_caller(w, h, h->record->mask.caller);
}

static void put_text(struct sf_writer *w, const struct sf_happening *h, const char *before, const char *after)
{
    char text[sizeof h->record->text.text + 1];

    snprintf(text, sizeof text, "%.*s", (int)sizeof h->record->text.text, h->record->text.text);
    sf_put(w->out, h->record->text.piece ? "    ..." : before);
    put_name(w, text);
    sf_put(w->out, after);
}

static void put_arrival(struct sf_writer *w, const struct sf_happening *h, int colour, const char *before, const char *after)
{
    put_signal(w, colour, before, h->record->signo, after);
    if (h->record->event != SF_EV_DEFAULT || h->record->signal.pid || h->record->signal.code) /* none known: all is 0 */
        put_sender(w, h);
}

/* The program's own loop. */
static void put_read(struct sf_writer *w, const struct sf_happening *h)
{
    const struct sf_record *r = h->record;
    char time[24], from[40] = " is taken by sigwait ";

    if (r->event == SF_EV_WAKEUP) {
        put_signal(w, CYAN, "the wake-up of ", r->signo, " is read");
        fprintf(w->out, " from descriptor %d, %s after the signal came", r->wakeup.reader,
                sf_word_time(r->wakeup.wait_ns, time, sizeof time));
        return;
    }
    if (r->taken.fd >= 0)
        snprintf(from, sizeof from, " is read from signalfd %d ", r->taken.fd);
    put_arrival(w, h, CYAN, "", from);
    if (r->taken.wait_ns)
        fprintf(w->out, " after %s", sf_word_time(r->taken.wait_ns, time, sizeof time));
}

static void put_record(struct sf_writer *w, const struct sf_happening *h)
{
    const struct sf_record *r = h->record;

    switch (r->event) {
    case SF_EV_ARRIVE:
        put_arrival(w, h, CYAN, "", " arrives ");
        break;
    case SF_EV_DEFAULT:
        put_arrival(w, h, RED, "", ": default action ");
        break;
    case SF_EV_MERGED:
        put_arrival(w, h, YELLOW, "", r->merged.code == SI_TIMER ? ": its timer has expired again meanwhile " : " merges with one that pends already ");
        break;
    case SF_EV_WAIT:
    case SF_EV_FORCED:
        put_wait(w, h);
        break;
    case SF_EV_BEGIN:
        put_begin(w, h);
        break;
    case SF_EV_END:
        put_end(w, h);
        break;
    case SF_EV_DISPOSITION:
        put_disposition(w, h);
        break;
    case SF_EV_MASK:
        put_mask(w, h);
        break;
    case SF_EV_SEND:
        put_send(w, h);
        break;
    case SF_EV_START:
        put_text(w, h, "+++ begins: ", " +++");
        break;
    case SF_EV_EXEC:
        put_text(w, h, "+++ becomes ", " +++");
        break;
    case SF_EV_FORK:
        fprintf(w->out, "+++ forked by %d +++", r->process.pid);
        break;
    case SF_EV_EXIT:
        fprintf(w->out, "+++ exits with %d +++", r->process.status);
        break;
    case SF_EV_THREAD:
        fprintf(w->out, "+++ thread %s +++", r->process.status ? "ends" : "begins");
        break;
    case SF_EV_TAKE:
    case SF_EV_WAKEUP:
        put_read(w, h);
        break;
    case SF_EV_MODE:
        put_mode(w, h);
        break;
    default:
        fprintf(w->out, "%s", sf_word_event(r->event));
    }
}

/* bash does so by the dozen. */
static int sets_the_same(const struct sf_record *r)
{
    return r->event == SF_EV_DISPOSITION && r->action.handler == r->action.old_handler &&
           (r->action.handler <= 1 || r->action.flags == r->action.old_flags);
}

static void event(struct sf_writer *w, const struct sf_happening *h)
{
    if (h->record ? sets_the_same(h->record) : !h->lost && !h->gone)
        return; /* the end it told itself */
    put_head(w, h, h->record ? h->record->tid : 0);
    if (h->record) {
        put_record(w, h);
    } else {
        paint(w, RED);
        if (h->lost)
            fprintf(w->out, "--- %llu records were lost ---", (unsigned long long)h->lost);
        else
            fprintf(w->out, h->gone > 0 ? "+++ killed by %s +++" : "+++ ended without a word (SIGKILL?)%s +++",
                    name_of(h->gone > 0 ? h->gone : 0));
        paint(w, PLAIN);
    }
    sf_put_char(w->out, '\n');
}

const struct sf_writer_format sf_writer_text = { "text", 0, NULL, event, NULL };
