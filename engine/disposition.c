/* context: any thread; handlers only read
 *
 * What the program believes is installed, and which signals are routed because of it.
 *
 * The kernel keeps our stub for every caught signal, with the program's own flags and sa_mask: so exec resets
 * it, SigCgt shows it, SA_NOCLDWAIT and SA_RESTART act, all without us. Only SA_RESETHAND is ours to do: a
 * signal that we hold back must not find the disposition already reset.
 */
#include "engine/check.h"
#include "engine/event.h"
#include "libc/libc.h"

/* Two versions of each action, so that a handler can read one while a thread writes the other. A reader that
 * sees `current` change under it reads again. */
struct disposition {
    struct sf_action version[2];
    struct sf_action last;     /* where there is no handler any more: the last one */
    volatile uint32_t current; /* counts; the low bit chooses */
    volatile uint32_t ignored; /* since there was a handler */
};
static struct disposition table[SF_NSIG];

/* May `signo` ever be kept blocked? Faults must not be; SIGPIPE and SIGXFSZ come from the thread's own act. */
int sf_routable(int signo)
{
    return signo >= 1 && signo < SF_NSIG &&
           !SF_HAS(SF_SET_OWN_ACT | SF_SET_UNBLOCKABLE | SF_SET_LIBC, signo) &&
           signo != sf_process.relay[0] && signo != sf_process.relay[1];
}

/* Copy the action. Any context. Returns the counter it was read at. */
int sf_disposition_get(int signo, struct sf_action *out)
{
    struct disposition *d = &table[signo];
    uint32_t at;
    do {
        at = SF_LOAD(&d->current);
        *out = d->version[at & 1];
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
    } while (SF_LOAD(&d->current) != at);
    return (int)at;
}

static void publish(int signo, const struct sf_action *act)
{
    struct disposition *d = &table[signo];
    uint32_t at = d->current;
    struct sf_row *row = &sigferry_status.row[signo];
    d->version[(at + 1) & 1] = *act;
    if (act->handler <= 1 && d->version[at & 1].handler > 1)
        d->last = d->version[at & 1]; /* nobody reads it as long as there is a handler */
    if (act->handler != (uintptr_t)SIG_DFL)
        SF_STORE(&d->ignored, act->handler == (uintptr_t)SIG_IGN); /* before: who sees a handler keeps what it takes */
    SF_STORE(&d->current, at + 1);
    row->handler = act->handler;
    row->sa_flags = (uint32_t)act->flags;
    row->sa_mask = act->mask;
    row->caught = act->handler > 1;
}

/* SA_RESETHAND: put SIG_DFL in place of *was, unless somebody (another thread's delivery) did so already.
 * 1 if we did. Handler context. */
static int reset(int signo, const struct sf_action *was)
{
    struct sigaction dfl;
    struct sf_action now, none = {0, 0, 0};
    int won = 0;
    struct sf_lane *lane = sf_lane_self();

    if (lane)
        lane->busy++;
    sf_lock(&sf_process.lock);
    sf_disposition_get(signo, &now);
    if (now.handler == was->handler && (now.flags & SA_RESETHAND)) {
        memset(&dfl, 0, sizeof dfl);
        /* glibc's sigaction and the kernel keep flags and mask of the spent action readable. */
        none.flags = was->flags;
        none.mask = was->mask;
        dfl.sa_flags = (int)was->flags;
        sf_set_put(&dfl.sa_mask, was->mask);
        sf_libc.sigaction(signo, &dfl, NULL);
        publish(signo, &none);
        sf_disposition_refresh();
        won = 1;
    }
    sf_unlock(&sf_process.lock);
    if (lane)
        lane->busy--;
    return won;
}

/* The program itself has taken the handler away, and SA_RESETHAND has not. */
static int is_gone(const struct sf_action *act)
{
    return act->handler <= 1 && !(act->flags & SA_RESETHAND);
}

/* The action with which one signal is handled now, of which the kernel has chosen to call our stub; SA_RESETHAND is carried
 * out. Has the program taken its handler away since, on another processor, it is called all the same, as natively; and it is
 * SIG_DFL where another thread's delivery was faster to use SA_RESETHAND up. Handler context. */
void sf_disposition_use(int signo, struct sf_action *act)
{
    struct disposition *d = &table[signo];
    uint32_t at;
    do {
        at = (uint32_t)sf_disposition_get(signo, act);
        if (is_gone(act)) {
            *act = d->last;
            act->flags &= ~(uint32_t)SA_RESETHAND;
        }
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
    } while (SF_LOAD(&d->current) != at || (act->handler > 1 && (act->flags & SA_RESETHAND) && !reset(signo, act)));
}

/* Has the program taken the handler away, for which the kernel has just called our stub? Handler context. */
int sf_disposition_gone(int signo)
{
    struct sf_action act;
    sf_disposition_get(signo, &act);
    return is_gone(&act);
}

/* Has the program ignored it since, whatever it does now? Then the kernel has discarded what pended. Any context. */
int sf_disposition_ignored(int signo)
{
    return SF_LOAD(&table[signo].ignored) != 0;
}

/* How signal `signo` is to travel, from the configuration and its nature. */
static enum sf_route effective_route(int signo)
{
    enum sf_route r = sf_config_signal(&sf_process.config, signo).route;
    if (sf_checking())
        return SF_ROUTE_DIRECT; /* the stub sees where the signal found its thread */
    if (r == SF_ROUTE_UNSET || r == SF_ROUTE_AUTO) {
        /* Profiling timers fire at the thread that burns the time; the kernel must be able to pick it. */
        if (signo == SIGPROF || signo == SIGVTALRM)
            return SF_ROUTE_DIRECT;
        return SF_ROUTE_AUTO;
    }
    return r;
}

/* Recompute the sets that follow from the actions. Caller holds the lock, except in a forked child. */
void sf_disposition_refresh(void)
{
    sf_set caught = 0, closed = 0, nogate = 0;

    for (int s = 1; s < SF_NSIG; s++) {
        struct sf_signal_config c = sf_config_signal(&sf_process.config, s);
        struct sf_row *row = &sigferry_status.row[s];
        enum sf_route route = effective_route(s);
        if (table[s].version[table[s].current & 1].handler <= 1)
            continue;
        if (!sf_routable(s))
            continue;
        caught |= SF_BIT(s);
        row->route = (uint8_t)route;
        row->replay = (uint8_t)sf_route_policy(s, NULL);
        if (route == SF_ROUTE_DIRECT || SF_HAS(sf_process.aimed, s))
            continue;
        if (c.replay == SF_REPLAY_NOW && route == SF_ROUTE_AUTO)
            continue; /* at once, from anywhere: nothing to gain by blocking */
        closed |= SF_BIT(s);
        if (route == SF_ROUTE_SIGNALFD || ((c.replay == SF_REPLAY_HELPER || c.replay == SF_REPLAY_CONCURRENT)))
            nogate |= SF_BIT(s);
    }
    sf_process.caught = caught;
    nogate |= sf_wakeup_blocking() & closed;
    /* The terminal driver looks at the mask: blocked, it answers EIO instead of sending. */
    nogate &= ~(SF_BIT(SIGTTIN) | SF_BIT(SIGTTOU));
    if (sf_process.mode == SF_MODE_FERRY) {
        SF_STORE(&sf_process.nogate, nogate);
        SF_OR(&sf_process.doorbell, closed);
        SF_STORE(&sf_process.closed, closed);
    } else {
        SF_STORE(&sf_process.closed, 0);
        SF_STORE(&sf_process.nogate, 0);
    }
    for (int s = 1; s < SF_NSIG; s++) /* a page in which nothing changes stays shared with a child */
        if (sigferry_status.row[s].routed != SF_HAS(sf_process.closed, s))
            sigferry_status.row[s].routed ^= 1;
}

static void to_kernel(const struct sigaction *act, struct sigaction *k)
{
    sf_set mask = sf_set_get(&act->sa_mask);
    *k = *act;
    if (act->sa_handler == SIG_DFL || act->sa_handler == SIG_IGN)
        return;
    /* A handler that runs must stay reachable for the relays. */
    sf_set_put(&k->sa_mask, mask & ~(SF_BIT(sf_process.relay[0]) | SF_BIT(sf_process.relay[1])));
    k->sa_flags = (int)((unsigned)act->sa_flags & ~(unsigned)SA_RESETHAND) | SA_SIGINFO;
    k->sa_sigaction = sf_stub;
}

/* Show what the program set, where the kernel holds our stub. */
static void to_program(int signo, const struct sf_action *had, struct sigaction *old)
{
    if (old->sa_sigaction != sf_stub)
        return;
    old->sa_sigaction = (void (*)(int, siginfo_t *, void *))had->handler;
    /* The kernel drops flags that it does not know; two are not passed on to it as they are. */
    old->sa_flags = (int)(((unsigned)old->sa_flags & ~(unsigned)SA_SIGINFO) |
                          ((unsigned)had->flags & ((unsigned)SA_SIGINFO | (unsigned)SA_RESETHAND)));
    sf_set_put(&old->sa_mask, had->mask & ~(SF_SET_UNBLOCKABLE | SF_SET_LIBC));
    (void)signo;
}

/* It is ignored from now on, and the kernel has discarded what pended. What the listener had taken before, or the runner, and
 * what waits in a slot, must not outlive this moment: the next disposition may be SIG_DFL. */
static void discard(struct sf_lane *lane, int signo)
{
    if (SF_LOAD(&sf_process.hands))
        sf_hands_wait();
    sf_slot_discard(lane, signo);
    if (!lane)
        return;
    if (SF_LOAD(&lane->runner_holds))
        sf_runner_wait(lane);
    lane->kmask |= SF_BIT(signo); /* as a frame over us has left it, for what was held; what comes meanwhile pends there */
}

static int ignores(int signo, const struct sf_action *act)
{
    static const sf_set dull = SF_BIT(SIGCHLD) | SF_BIT(SIGCONT) | SF_BIT(SIGURG) | SF_BIT(SIGWINCH);
    return act->handler == (uintptr_t)SIG_IGN || (act->handler == (uintptr_t)SIG_DFL && SF_HAS(dull, signo));
}

/* It has changed: what follows from that. */
static void changed(struct sf_lane *lane, int signo, const struct sf_action *now, const struct sf_action *had)
{
    int catches = now->handler > 1;
    sf_event_disposition(lane, signo, now, had);
    /* It may have been pending, blocked, since before we cared. */
    for (uint32_t i = 0; catches && i < sf_lane_high; i++)
        SF_STORE(&sf_lanes[i].unsure, 1);
    if (catches && sf_routable(signo))
        sf_process_ferry();
    if (had->handler > 1 && ignores(signo, now))
        discard(lane, signo);
    if (lane)
        sf_mask_heal(lane);
    if (__builtin_expect(SF_HAS(sf_observed, signo), 0))
        sf_observe_changed(signo);
}

/* sigaction(2) as the program sees it. 0 or -errno. Thread context. */
int sf_disposition_change(int signo, const struct sigaction *act, struct sigaction *old)
{
    struct sf_lane *lane = sf_lane_self();
    struct sf_action had, next;
    struct sigaction k;
    int borrowed = (sf_lane_raw() && sf_lane_raw()->vfork) || sf_process_other();
    int catches = act && act->sa_handler != SIG_DFL && act->sa_handler != SIG_IGN;
    int err = 0, saved = errno;

    if (signo < 1 || signo >= SF_NSIG || signo == sf_process.relay[0] || signo == sf_process.relay[1])
        return -EINVAL;
    if (lane) {
        if (act)
            sf_replay_due(lane, signo); /* by the handler that it came for */
        lane->busy++;
    }
    if (!borrowed)
        sf_lock(&sf_process.lock);
    sf_disposition_get(signo, &had);
    if (act) /* a child with our memory: its dispositions are its own, the table is its parent's */
        k = *act;
    if (act && !borrowed) {
        to_kernel(act, &k);
        sf_check_action(lane, signo);
        next.handler = (uintptr_t)act->sa_handler;
        next.flags = (uint32_t)act->sa_flags;
        next.mask = sf_set_get(&act->sa_mask);
        /* Before the kernel knows the stub the table must know the handler; on the way out the other way
         * round: a signal between the two steps finds the stub and a handler, or neither. */
        if (catches)
            publish(signo, &next);
        sf_watch_change(signo, act, &k);
    }
    if (sf_libc.sigaction(signo, act ? &k : NULL, old) != 0) {
        err = -errno;
        if (act && !borrowed && catches)
            publish(signo, &had);
    } else {
        if (old)
            to_program(signo, &had, old);
        if (act && !borrowed && !catches)
            publish(signo, &next);
        if (act && !borrowed)
            sf_disposition_refresh();
    }
    if (!borrowed)
        sf_unlock(&sf_process.lock);
    if (lane)
        sf_busy_end(lane);
    errno = saved;
    if (err == 0 && act && !borrowed)
        changed(lane, signo, &next, &had);
    return err;
}
