/* context: thread (the owner of the lane); sf_mask_look and the computations also in its handlers
 *
 * Virtual mask and kernel mask. kernel mask = virtual mask + every closed signal (+ what is held, so that the
 * kernel queues the rest behind it in order). A change that only names closed signals is a change in the lane
 * and no system call.
 */
#include "engine/event.h"

/* No mask may block the relays, and no wait may take them for signals of the program's. */
sf_set sf_mask_unrelayed(sf_set set)
{
    /* Only in SF_MODE_IDLE are there no relays yet; bit 0 of nothing. */
    if (sf_process.relay[0])
        set &= ~(SF_BIT(sf_process.relay[0]) | SF_BIT(sf_process.relay[1]));
    return set;
}

/* What the kernel is to block while the thread runs the program's code. */
sf_set sf_mask_closed(const struct sf_lane *lane)
{
    if (lane->is_runner)
        return lane->kmask; /* everything, always: nothing is ever delivered there */
    if (lane->leaving == SF_LEAVES || lane->spawning)
        return sf_mask_unrelayed(lane->vmask); /* the next program, or a child, is about to inherit it */
    return sf_mask_unrelayed(lane->vmask | SF_LOAD(&sf_process.closed) | SF_LOAD(&lane->held));
}

/* ... and while it is parked: the virtual mask itself, but for signals that must pass through the listener. */
sf_set sf_mask_open(const struct sf_lane *lane)
{
    if (lane->is_runner)
        return lane->kmask;
    return sf_mask_unrelayed(lane->vmask | SF_LOAD(&sf_process.nogate));
}

/* What a mask given by the program can contain at all. */
sf_set sf_mask_clean(sf_set mask)
{
    return mask & ~(SF_SET_UNBLOCKABLE | SF_SET_LIBC);
}

/* Bring the kernel's mask in line, if it is not; `stays` is not let in, though nothing else keeps it out. */
void sf_mask_heal_but(struct sf_lane *lane, sf_set stays)
{
    sf_set want = sf_mask_closed(lane) | stays, opens;
    uint32_t granting;
    if (want == lane->kmask)
        return;
    /* Note it first: the call itself may let signals in, whose handlers change kmask and put it back. */
    opens = lane->kmask & ~want & sf_process.caught;
    lane->kmask = want;
    granting = lane->granting;
    if (opens && !lane->busy)
        lane->granting = 1; /* unblocking delivers before it returns: what comes in here may run here */
    sys_sigprocmask(SIG_SETMASK, &want, NULL);
    lane->granting = granting;
}

void sf_mask_heal(struct sf_lane *lane)
{
    sf_mask_heal_but(lane, 0);
}

/* Ask the kernel what is pending, when something may be that we have not seen. */
void sf_mask_look(struct sf_lane *lane)
{
    sf_set pending, aimed;
    if (!SF_LOAD(&lane->unsure))
        return;
    /* Clear first: what arrives after this store sets it again, what arrived before it the kernel shows. */
    SF_STORE(&lane->unsure, 0);
    aimed = __atomic_exchange_n(&lane->aimed, 0, __ATOMIC_SEQ_CST);
    pending = sys_sigpending();
    if (aimed &= pending)
        SF_OR(&lane->aimed, aimed);
    pending &= SF_LOAD(&sf_process.closed);
    lane->known = pending & lane->vmask;
    pending &= ~lane->vmask;
    if (pending & ~SF_LOAD(&lane->look))
        lane->look_since = sf_now(); /* first: the listener, which counts from then, may see the bit at once */
    if (pending)
        SF_OR(&lane->look, pending);
    if (aimed & pending)
        SF_OR(&lane->safe_ok, aimed & pending); /* after `look`: sf_work_update drops what does not wait */
}

/* The runner's target may be about to die of what is unblocked now: natively that had happened before the call returns.
 * The kernel hands out signals in the order of their numbers, so when a relay has been handled, all was that the mask let in;
 * that relay has put the mask right, and the second one comes after what it let in. */
static void await_default(struct sf_lane *target)
{
    static const struct timespec nap = {0, 1000000};
    for (int turn = 0; turn < 2; turn++) {
        uint64_t until = sf_now() + 1000000000;
        uint32_t looked = SF_LOAD(&target->looked[0]) + SF_LOAD(&target->looked[1]);
        sf_relay_send(target, 0);
        while (SF_LOAD(&target->looked[0]) + SF_LOAD(&target->looked[1]) == looked && SF_LOAD(&target->state) == SF_LANE_LIVE &&
               sf_now() < until)
            SF_SYS(SYS_nanosleep, &nap, NULL, 0, 0, 0, 0);
    }
}

/* `blocked` is about to be: what waits runs first. In the kernel before the lane: what comes between the two, by the direct
 * door, would be held until it is unblocked, where no wait and no signalfd of the program finds it. */
static void block_first(struct sf_lane *lane, sf_set blocked)
{
    for (int turn = 0; turn < 8; turn++) {
        if (blocked & ~lane->kmask) {
            lane->kmask |= blocked;
            sys_sigprocmask(SIG_BLOCK, &blocked, NULL);
        }
        if (!((SF_LOAD(&lane->held) | SF_LOAD(&lane->look)) & blocked))
            return;
        sf_replay_waiting(lane, blocked); /* opens, at the end, what the lane does not block as yet */
    }
}

/* The thread's virtual mask becomes `vmask`. What waits and is blocked now runs first (natively it had run when
 * it came); what waits and is unblocked now runs before we return. Handlers may jump away. */
void sf_mask_set(struct sf_lane *lane, sf_set vmask)
{
    sf_set blocked = vmask & ~lane->vmask;
    sf_set unblocked = lane->vmask & ~vmask;

    block_first(lane, blocked & sf_process.caught);
    lane->vmask = vmask;
    if (unblocked & sf_process.closed)
        SF_STORE(&lane->eff, vmask); /* before the looks: see hand_over in listener.c, and sf_hands_wait */
    else
        lane->eff = vmask;
    if (unblocked) {
        if (SF_LOAD(&lane->unsure) && (unblocked & sf_process.caught))
            sf_mask_look(lane);
        /* What it no longer shows, the listener may have taken since it saw our mask open. */
        if ((unblocked & sf_process.closed) && SF_LOAD(&sf_process.hands))
            sf_hands_wait();
        if (lane->known & unblocked) {
            SF_OR(&lane->look, lane->known & unblocked);
            lane->known &= ~unblocked;
        }
    }
    if (SF_LOAD(&lane->held) | SF_LOAD(&lane->look)) {
        sf_work_update(lane);
        if ((lane->held | lane->look) & unblocked)
            sf_replay_waiting(lane, unblocked);
    }
    sf_mask_heal(lane);
    if (lane->is_runner && (unblocked & ~sf_process.caught))
        await_default(&sf_lanes[lane->taken_for]);
    /* Neither may a handler that is blocked now still run on the runner, nor one unblocked have yet to. */
    for (int turn = 0; turn < 64 && SF_LOAD(&lane->runner_holds) && (blocked | unblocked); turn++) {
        sf_runner_wait(lane);
        sf_mask_look(lane);
        if (!((SF_LOAD(&lane->held) | SF_LOAD(&lane->look)) & unblocked))
            break;
        sf_replay_waiting(lane, unblocked); /* it had enough to do, and takes more now */
    }
}

/* sigprocmask(2) for the calling thread, which has a lane. 0 or -EINVAL. */
int sf_mask_change(int how, const sigset_t *set, sigset_t *old)
{
    struct sf_lane *lane = sf_lane_self();
    sf_set was = lane->vmask, given, next = was;

    if (set) {
        given = sf_mask_clean(sf_set_get(set));
        if (how == SIG_BLOCK)
            next = was | given;
        else if (how == SIG_UNBLOCK)
            next = was & ~given;
        else if (how == SIG_SETMASK)
            next = given;
        else
            return -EINVAL;
    }
    if (old)
        sf_set_put(old, was);
    if (set) {
        sf_event_mask(lane, was, next);
        sf_mask_set(lane, next);
    }
    return 0;
}

/* The kernel's form of a mask that a call installs for its own duration (ppoll, sigsuspend). */
sf_set sf_mask_kernel(const struct sf_lane *lane, sf_set mask)
{
    /* Not for what only this mask lets in: it may be pending already, left in the kernel by the listener. */
    return sf_mask_unrelayed(mask | (SF_LOAD(&sf_process.nogate) & ~lane->vmask));
}
