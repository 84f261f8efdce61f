/* context: setup (begin), thread (wanted), handler (fire)
 *
 * Who killed it? For signals whose default action ends the process the kernel says nothing to anybody. While a program
 * is traced with trace = deaths, our stub is therefore installed for those of them that it has at SIG_DFL: it records
 * the sender, gives the signal its default action back, and has it delivered once more. exec resets it, sigaction
 * does not show it, but SigCgt in /proc does. What is ignored or stops the process is left alone.
 */
#include "engine/event.h"
#include "libc/libc.h"

#define FATAL                                                                                                         \
    (SF_SET_FAULTS | SF_BIT(SIGHUP) | SF_BIT(SIGINT) | SF_BIT(SIGQUIT) | SF_BIT(SIGABRT) | SF_BIT(SIGUSR1) |          \
     SF_BIT(SIGUSR2) | SF_BIT(SIGPIPE) | SF_BIT(SIGALRM) | SF_BIT(SIGTERM) | SF_BIT(SIGSTKFLT) | SF_BIT(SIGXCPU) |    \
     SF_BIT(SIGXFSZ) | SF_BIT(SIGVTALRM) | SF_BIT(SIGPROF) | SF_BIT(SIGIO) | SF_BIT(SIGPWR) | SF_SET_RT)

/* From the start or never: a process that lives already keeps its dispositions. */
static int watching;

static int wanted(int signo)
{
    return watching && SF_HAS(FATAL, signo) && signo != sf_process.relay[0] && signo != sf_process.relay[1];
}

/* The kernel's action for a watched signal. */
static void action(struct sigaction *k)
{
    memset(k, 0, sizeof *k);
    k->sa_flags = SA_SIGINFO;
    k->sa_sigaction = sf_stub;
}

/* The program changes the action of `signo`: the kernel is about to be given *k. Thread context. */
void sf_watch_change(int signo, const struct sigaction *act, struct sigaction *k)
{
    if (!wanted(signo))
        return;
    SF_AND(&sf_process.watched, ~SF_BIT(signo));
    if (act->sa_handler != SIG_DFL)
        return;
    action(k);
    SF_OR(&sf_process.watched, SF_BIT(signo));
}

void sf_watch_begin(void)
{
    watching = 1;
    for (sf_set rest = FATAL; rest; rest &= rest - 1) {
        int signo = sf_set_first(rest);
        struct sigaction now;
        if (!wanted(signo) || sf_libc.sigaction(signo, NULL, &now) != 0 || now.sa_handler != SIG_DFL)
            continue;
        action(&now);
        SF_OR(&sf_process.watched, SF_BIT(signo));
        sf_libc.sigaction(signo, &now, NULL);
    }
}

/* It has come. `lane` may be NULL. Handler context; the process dies when this frame is left. */
void sf_watch_fire(struct sf_lane *lane, int signo, siginfo_t *info)
{
    const struct sf_lane *raw = sf_lane_raw();
    struct sigaction dfl;
    if (!raw || !(raw->vfork | raw->strict)) {
        sf_event_arrive(lane, signo, info, 0);
        sf_event_default(lane, signo, info);
    }
    memset(&dfl, 0, sizeof dfl);
    sf_libc.sigaction(signo, &dfl, NULL);
    /* What an instruction did it does again when we return: the core then shows that very place. */
    if (info->si_code > 0 && info->si_code != SI_KERNEL && SF_HAS(SF_SET_FAULTS, signo) && signo != SIGTRAP && signo != SIGSYS)
        return;
    sys_tgsigqueue(sys_getpid(), sys_gettid(), signo, info);
}
