/* context: handler
 *
 * What is held, on its way through the kernel, which alone can make a frame: as a copy, with the signal itself in its slot; or
 * all of it, back into the queue that it came from.
 */
#include "engine/event.h"

/* What the kernel has queued of `signo` for this thread, up to the instance marked with `mark`, goes behind what was
 * queued after that mark. Copies that were offered are dropped. */
static void rotate(struct sf_lane *lane, int signo, int mark)
{
    sf_set one = SF_BIT(signo);
    siginfo_t info;
    while (sys_sigtake(&one, &info) == signo && info.si_errno != mark) {
        sf_slot_came(lane, signo, &info);
        if (!sf_slot_is_copy(&info) && sf_requeue(lane, signo, &info) != 0)
            sf_slot_put(lane, signo, &info, sf_now());
    }
}

/* Put held signals out of `which` back into the kernel's queue of this thread: before younger ones of their number, or,
 * standard signals, where they merge as natively blocked ones do. They must be blocked in the kernel. Owner only. */
static void give_back(struct sf_lane *lane, sf_set which)
{
    sf_set pending, rest;
    if (lane->is_runner)
        return;
    pending = sys_sigpending();
    for (rest = which & SF_LOAD(&lane->held); rest; rest &= rest - 1) {
        int signo = sf_set_first(rest), mark = sf_process.copy ^ 2;
        sf_set one = SF_BIT(signo);
        struct sf_slot *s;
        siginfo_t info = {.si_code = SI_QUEUE, .si_errno = mark};
        int marked = signo >= 34 && SF_HAS(pending, signo) && sf_requeue(lane, signo, &info) == 0;
        int merges = 0; /* one pends here, for this thread, which alone could take it */
        while ((s = sf_slot_claim(lane, one)) != NULL) {
            siginfo_t copy;
            /* Of a standard signal one can pend: its copy, or an instance into which that has merged. */
            if (signo < 34 && s->offered && sys_sigtake(&one, &copy) == signo && !sf_slot_is_copy(&copy))
                merges = 1;
            else
                copy = s->info;
            if (sf_requeue(lane, signo, &copy) != 0) { /* the kernel queues no more */
                s->info = copy;
                SF_STORE(&s->state, SF_SLOT_READY);
                break;
            }
            if (merges && sf_tracing())
                sf_event_merged(lane, signo, &s->info, 1);
            merges = signo < 34;
            sf_slot_free(lane, s);
        }
        if (marked)
            rotate(lane, signo, mark);
    }
    SF_STORE(&lane->unsure, 1);
}

/* The kernel queues no more, for the user's RLIMIT_SIGPENDING is used up. What kill(2) sends needs no place in the queue, but
 * arrives with its number alone, and merges with what pends of that. Then that will do: what is held is handled first
 * (sf_slot_next). 0, or -errno. */
static int offer_bare(struct sf_lane *lane, int signo, siginfo_t *copy)
{
    int err;
    if (SF_HAS(sys_sigpending(), signo)) {
        lane->borrowed = 1;
        return 0;
    }
    copy->si_code = SI_USER;
    lane->bare |= SF_BIT(signo); /* first: it may be delivered at once */
    err = sf_requeue(lane, signo, copy);
    if (err)
        lane->bare &= ~SF_BIT(signo);
    return err;
}

/* *info is what the kernel has delivered, or handed out: a copy that went without a place in its queue gets its mark again. One that
 * has merged with what came behind it is gone. Owner. */
void sf_slot_came(struct sf_lane *lane, int signo, siginfo_t *info)
{
    if (!SF_HAS(lane->bare, signo))
        return;
    lane->bare &= ~SF_BIT(signo);
    if (info->si_code == SI_USER && !info->si_pid && !info->si_uid)
        info->si_errno = sf_process.copy;
    else if (!sf_slot_is_copy(info)) /* (there was a place after all, or it met the next copy) */
        sf_slot_unoffer(lane, signo);
}

/* Have the kernel deliver something for the oldest held signal out of `which`. It gets a copy, marked as such; the
 * signal itself stays in its slot, so that whatever of this number the kernel delivers first, the oldest is handled
 * first (sf_slot_next). Its number; 0: none is held; -errno: the kernel refuses. `borrowed`: what is delivered is none of ours.
 * Owner only, `busy` raised. */
int sf_slot_offer(struct sf_lane *lane, sf_set which)
{
    struct sf_slot *s = sf_slot_claim(lane, which);
    struct sf_action act;
    siginfo_t copy;
    int signo, err = 0;
    lane->borrowed = 0;
    if (!s)
        return 0;
    signo = s->signo;
    copy = s->info;
    sf_disposition_get(signo, &act);
    if (act.handler <= 1) {
        /* The program has changed its mind. No copy of it would ever come; the kernel acts, if there is a way to. */
        sf_slot_free(lane, s);
        if (act.handler == (uintptr_t)SIG_DFL)
            sf_requeue(lane, signo, &copy);
        return signo;
    }
    /* A standard signal's copy may have merged into another instance: then that one brings it. One that was queued may
     * be gone again: while the signal was ignored. */
    if (signo < 34 || !s->offered || !SF_HAS(sys_sigpending(), signo)) {
        copy.si_errno = sf_process.copy;
        if (signo < 34) { /* as kill(2) sends it: else, with RLIMIT_SIGPENDING used up, the mark is lost on the way */
            if (sf_info_aimed(&copy))
                sf_info_aim(&copy);
            copy.si_code = SI_USER;
        }
        s->offered = 1; /* first: it may be delivered at once */
        err = sf_requeue(lane, signo, &copy);
        if (err && signo >= 34)
            err = offer_bare(lane, signo, &copy);
        if (err || lane->borrowed)
            s->offered = 0;
    }
    SF_STORE(&s->state, SF_SLOT_READY);
    return err ? err : signo;
}

/* All of it, for good: the caller sets the mask afterwards. A handler that came in between would leave an open mask behind, and
 * let in what is queued here for our own use. */
void sf_slot_return_all(struct sf_lane *lane)
{
    lane->kmask = ~(sf_set)0;
    sys_sigprocmask(SIG_SETMASK, &lane->kmask, NULL);
    give_back(lane, ~(sf_set)0);
}

/* The kernel is to deal with what is held out of `which`, which it blocks: a wait takes it out, or its mask lets it in.
 * Standard signals go back, to merge. Put back behind what another thread sends in this instant, real-time ones would change
 * places with it: of each number the kernel gets a copy, and whatever it hands out, sf_slot_next finds the oldest. Owner only. */
void sf_slot_let(struct sf_lane *lane, sf_set which)
{
    sf_set rest = which & SF_LOAD(&lane->held) & SF_SET_RT;
    if (lane->is_runner)
        return; /* its work */
    give_back(lane, which & ~SF_SET_RT);
    lane->busy++;
    for (; rest; rest &= rest - 1)
        sf_slot_offer(lane, SF_BIT(sf_set_first(rest)));
    sf_busy_end(lane);
}

/* The kernel has delivered an instance of `signo`: *info becomes that of the oldest one, and what is younger waits in
 * its place. 0: *info is the copy of one that has been handled already. Owner, handler context. */
int sf_slot_next(struct sf_lane *lane, int signo, siginfo_t *info)
{
    struct sf_slot *s;
    siginfo_t younger = *info;
    int copy = sf_slot_is_copy(info);

    if (!copy && !SF_HAS(SF_LOAD(&lane->held), signo))
        return 1;
    s = sf_slot_claim(lane, SF_BIT(signo));
    if (!s)
        return !copy;
    *info = s->info;
    lane->granted_since = s->since;
    lane->again |= SF_BIT(signo);
    if (copy) {
        if (s->offered)
            s->offered = 0;
        else
            sf_slot_unoffer(lane, signo); /* it was the copy of a younger one */
        sf_slot_free(lane, s);
        return 1;
    }
    s->info = younger;
    s->since = sf_now();
    s->order = SF_ADD(&sf_process.order, 1);
    if (signo < 34)
        s->offered = 0; /* into this one it has merged */
    SF_STORE(&s->state, SF_SLOT_READY);
    SF_OR(&lane->held, SF_BIT(signo));
    return 1;
}
