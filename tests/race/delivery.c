/* A signal at every instruction of a delivery.
 *
 * The first signal is sent while the program sleeps (or computes), and its NTH delivery (the relay, or the signal
 * itself) is followed step by step to where the program is back in its own code: that is the path. Then, round by
 * round, the same again, but straight to one place of that path, where the second signal is sent; and the third a
 * few instructions later. What has become of all of them is judged as ever.
 *
 * A place is an instruction and how often it has been reached: the first, second and third time count as three. The
 * path is not quite the same each time (the listener works beside it): a place that is not reached within a moment
 * counts as missed, and the round goes on without it. */
#include "tests/race/round.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PLACES 16384
#define VISITS 3

static struct place {
    uint64_t pc;
    int visit; /* 0: before anything is delivered */
} path[PLACES];
static int places, missed;

static struct {
    uint64_t pc;
    int round, visits;
} known[PLACES]; /* a hash table; `visits` in recording `round` */

static int visit(uint64_t pc, int round)
{
    unsigned at = (unsigned)(pc * 0x9e3779b97f4a7c15ull >> 50);
    while (known[at].pc && known[at].pc != pc)
        at = (at + 1) % PLACES;
    if (known[at].round != round)
        known[at].visits = 0;
    known[at].pc = pc;
    known[at].round = round;
    return ++known[at].visits;
}

static void add(uint64_t pc, int n)
{
    for (int i = 0; i < places; i++)
        if (path[i].pc == pc && path[i].visit == n)
            return;
    if (places < PLACES / 2)
        path[places++] = (struct place){pc, n};
}

/* From START to the NTH delivery of anything: stopped, before the frame is built. */
static void to_delivery(void)
{
    struct race race;
    int seen = 0;
    tracee_race(&t, &race);
    tracee_break(&t, 0);
    tracee_resume(&t, 0);
    until_asleep(&race);
    send_one(0);
    while (tracee_wait(&t, 5000) == STOP_SIGNAL) {
        if (++seen == opt.nth)
            return;
        tracee_resume(&t, 0);
    }
    fail("the first signal does not arrive");
}

/* Is the program back in its own code: at its mark, asleep, or in its loop? */
static int is_over(enum stop s, int steps)
{
    struct race race;
    uint64_t pc;
    if (s == STOP_GONE)
        fail("the program ended");
    tracee_race(&t, &race);
    if (s == STOP_DONE || (race.nr[0] >= 0 && tracee_at_call(&t, race.nr)))
        return 1;
    if (race.nr[0] >= 0 || steps < 50)
        return 0;
    pc = tracee_pc(&t);
    return pc >= race.spin_low && pc < race.spin_high && handled(&race);
}

/* The signals that are still to come, the program being stopped. */
static void send_others(void)
{
    for (int i = 1; i < opt.signals; i++) {
        int steps = i > 1 && opt.jitter ? rand() % opt.jitter : 0;
        for (int n = 0; n < steps && !is_over(STOP_STEP, n); n++)
            if (is_over(tracee_step(&t), n))
                break;
        send_one(i);
    }
    drain();
    stay();
}

/* Follow one delivery to its end; the other signals come there. */
static enum verdict record(int round)
{
    enum verdict v;
    uint64_t pc;
    to_delivery();
    add(tracee_pc(&t), 0);
    for (int n = 0; n < MAX_STEPS && !is_over(tracee_step(&t), n); n++) {
        int times = visit(tracee_pc(&t), round);
        if (times <= VISITS)
            add(tracee_pc(&t), times);
    }
    pc = tracee_pc(&t);
    send_others();
    v = round_end();
    report(pc, v);
    return v;
}

/* On to a place, by the processor's breakpoint, or step by step. 0: it was not reached. */
static int reach(const struct place *p)
{
    int breaks = !opt.stepping && tracee_break(&t, p->pc), visits = 0, idle = 0;
    uint64_t end = now_us() + 300000;
    struct race race;
    for (int n = 0; !breaks && n < MAX_STEPS; n++) {
        if (is_over(tracee_step(&t), n))
            return 0;
        if (tracee_pc(&t) == p->pc && ++visits == p->visit)
            return 1;
    }
    for (tracee_resume(&t, 0); now_us() < end;) {
        enum stop s = tracee_wait(&t, 1);
        if (s == STOP_STEP && tracee_pc(&t) == p->pc && ++visits == p->visit)
            return tracee_break(&t, 0);
        if (s == STOP_DONE || s == STOP_GONE)
            return 0;
        if (s != STOP_TIMEOUT) {
            tracee_resume(&t, 0);
            continue;
        }
        tracee_race(&t, &race);
        if (handled(&race) && (race.nr[0] < 0 || tracee_sleeps_in(&t, race.nr)) && ++idle == 3)
            return 0;
    }
    return 0;
}

static enum verdict test_place(const struct place *p)
{
    enum verdict v;
    to_delivery();
    if (!p->visit || reach(p)) {
        send_others();
    } else {
        missed++;
        tracee_break(&t, 0);
        for (int i = 1; i < opt.signals; i++)
            send_one(i);
    }
    v = round_end();
    report(p->pc, v);
    return v;
}

void step_delivery(void)
{
    enum verdict v = GOOD;
    srand(opt.seed);
    for (int round = 1; round <= 3 && v != STUCK; round++)
        v = record(round);
    for (int i = opt.seed % (unsigned)opt.every; i < places && v != STUCK && tally[LOST] < opt.max_lost; i += opt.every)
        v = test_place(&path[i]);
    printf("places %d missed %d\n", places, missed);
}
