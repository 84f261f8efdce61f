/* A signal at every instruction.
 *
 *   stepper [-l LIBS] [-k kill|tgkill] [-s SIGNO]... [-q] [-w] [-d] [-m MS] [-x LOST] [-r NTH] -- PROGRAM ARGS
 *
 * The program (target.c) stops at a mark, checks its flag and sleeps. In round k the stepper lets it execute k
 * instructions, sends the signals, lets it run, and asks: did the handlers run, each as often as it must, did the
 * program come out of the call, and are its masks what they were? Rounds go on until the system call of
 * the sleep itself has had its turn.
 * The options stand in options.h.
 *
 * Output: one line per instruction ("FILE+OFFSET VERDICT") and a summary. Exit 0 even when signals were lost. */
#include "tests/race/options.h"
#include "tests/race/trace.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/syscall.h>

#define MAX_STEPS 20000

enum verdict { GOOD, LOST, TWICE, CALL, ORDER, MASK, VMASK, STUCK, VERDICTS };
static const char *const names[] = {"good", "lost", "twice", "call", "order", "mask", "vmask", "stuck"};

static struct tracee t;
static uint64_t mask, vmask; /* as they are before anything has happened */
static int tally[VERDICTS], rounds;

static void fail(const char *what)
{
    printf("failed: %s: %s\n", what, strerror(errno));
    tracee_kill(&t);
    exit(3);
}

static void send_one(int i)
{
    union sigval v = {.sival_int = i + 1};
    int err;
    if (opt.queue)
        err = sigqueue(t.pid, opt.signo[i], v);
    else if (opt.thread)
        err = (int)syscall(SYS_tgkill, t.pid, t.pid, opt.signo[i]);
    else
        err = kill(t.pid, opt.signo[i]);
    if (err)
        fail("kill");
}

/* Nothing to wait for: the time itself is what is tested. */
static void stay(void)
{
    if (opt.stay)
        usleep((unsigned)opt.stay * 1000);
}

/* Give the listener its chance: until nothing it could take is pending and it sleeps again. It leaves signals
 * to a parked thread for a while, and for good when all block them; so not for ever. */
static void drain(void)
{
    uint64_t end = now_us() + (opt.drain ? 3000 : 0);
    int listener = tracee_listener(&t), asleep = 0;
    while (listener && now_us() < end && asleep < 2) {
        asleep = tracee_thread_asleep(&t, listener) && !tracee_mask(&t, "ShdPnd:") ? asleep + 1 : 0;
        sched_yield();
    }
}

/* The next stop at START; notes nothing. */
static void to_start(void)
{
    enum stop s;
    while ((s = tracee_run(&t, 5000)) != STOP_START)
        if (s != STOP_DONE)
            fail("the program does not come to its mark");
}

static int handled(const struct race *race)
{
    int n = 0;
    for (int i = 1; i < 65; i++)
        n += race->count[i];
    return n;
}

/* Lets the program run until `want` of its handlers have run, and (in a call) it sleeps again or (spinning) not. */
static enum stop until_handled(int want, int sleeping)
{
    uint64_t end = now_us() + (uint64_t)opt.deadline * 1000;
    struct race race;
    tracee_resume(&t, 0);
    while (now_us() < end) {
        enum stop s = tracee_wait(&t, 1);
        if (s == STOP_SIGNAL || s == STOP_STEP)
            tracee_resume(&t, 0);
        else if (s != STOP_TIMEOUT)
            return s;
        tracee_race(&t, &race);
        if (handled(&race) >= want && (!sleeping || tracee_sleeps_in(&t, race.nr)))
            return STOP_SIGNAL;
    }
    return STOP_TIMEOUT;
}

/* Out of a loss: more signals, until the program moves. */
static enum verdict rescue(void)
{
    struct race race;
    int go = 1;
    tracee_race(&t, &race);
    printf("  handlers %d %d %d; blocked %#lx, pending %#lx %#lx, asleep %d\n", race.count[SIGUSR1], race.count[SIGUSR2],
           race.count[34], (unsigned long)tracee_mask(&t, "SigBlk:"), (unsigned long)tracee_mask(&t, "SigPnd:"),
           (unsigned long)tracee_mask(&t, "ShdPnd:"), tracee_sleeps_in(&t, race.nr));
    tracee_write(&t, t.race + offsetof(struct race, go), &go, sizeof go);
    for (int i = 0; i < 20; i++) {
        enum stop s;
        send_one(i % opt.signals);
        if (opt.data && write(t.data[1], "x", 1) != 1)
            fail("write");
        while ((s = tracee_wait(&t, 100)) == STOP_SIGNAL || s == STOP_STEP)
            tracee_resume(&t, 0);
        if (s == STOP_DONE)
            return LOST;
        if (s == STOP_GONE)
            break;
    }
    return STUCK;
}

/* The program runs on from where the last signal met it. To its DONE mark. */
static enum verdict finish(void)
{
    struct race race;
    enum stop s = STOP_SIGNAL;
    int one = 1;

    tracee_race(&t, &race);
    if (opt.data || race.nr[0] < 0) {
        s = until_handled(opt.signals, opt.data);
        if (s == STOP_SIGNAL && opt.data && write(t.data[1], "x", 1) != 1)
            fail("write");
        if (s == STOP_SIGNAL && !opt.data)
            tracee_write(&t, t.race + offsetof(struct race, go), &one, sizeof one);
        while (s == STOP_SIGNAL || s == STOP_STEP) {
            s = tracee_wait(&t, opt.deadline);
            if (s == STOP_SIGNAL || s == STOP_STEP)
                tracee_resume(&t, 0);
        }
        if (s == STOP_DONE && opt.data) {
            tracee_race(&t, &race);
            if (!race.good)
                return CALL; /* EINTR, although it had to go on */
        }
    } else {
        s = tracee_run(&t, opt.deadline);
    }
    return s == STOP_DONE ? GOOD : s == STOP_TIMEOUT ? rescue() : STUCK;
}

static enum verdict masked(void)
{
    uint64_t now = tracee_mask(&t, "SigBlk:");
    if (now == mask)
        return GOOD;
    printf("  blocked %#lx instead of %#lx\n", (unsigned long)now, (unsigned long)mask);
    return MASK;
}

/* At DONE: what has happened, and how often? */
static enum verdict judge(void)
{
    struct race race;
    int want[65] = {0};
    tracee_race(&t, &race);
    if (!race.good)
        return CALL;
    for (int i = 0; i < opt.signals; i++)
        want[opt.signo[i]]++;
    for (int i = 1; i < 65; i++)
        if (race.count[i] != want[i])
            return race.count[i] < want[i] ? LOST : TWICE;
    for (int i = 0; i < race.queued; i++)
        if (race.order[i] != i + 1)
            return ORDER;
    return masked();
}

static enum verdict round_end(void)
{
    struct race race;
    enum verdict v = finish();
    if (v == GOOD)
        v = judge();
    if (v == STUCK)
        return v;
    to_start();
    tracee_race(&t, &race);
    if (v == GOOD && race.vmask != vmask)
        v = VMASK;
    return v == GOOD ? masked() : v;
}

static void report(uint64_t pc, enum verdict v)
{
    char where[300];
    tracee_where(&t, pc, where, sizeof where);
    printf("at %s %s\n", where, names[v]);
    tally[v]++;
    rounds++;
}

/* One round without any stepping: everything is resolved, the listener runs, masks are known. */
static void warm_up(void)
{
    struct race race;
    to_start();
    for (int i = 0; i < 3; i++) {
        uint64_t end = now_us() + 5000000;
        tracee_race(&t, &race);
        tracee_resume(&t, 0);
        while (race.nr[0] >= 0 && !tracee_sleeps_in(&t, race.nr) && now_us() < end)
            usleep(50);
        for (int k = 0; k < opt.signals; k++)
            send_one(k);
        /* At the mark that follows; as in finish(), but already running. */
        uint64_t limit = now_us() + 3000000;
        int go = 1, fed = 0;
        enum stop s;
        while ((s = tracee_wait(&t, 1)) != STOP_DONE) {
            if (s == STOP_SIGNAL || s == STOP_STEP)
                tracee_resume(&t, 0);
            else if (s == STOP_GONE || now_us() > limit)
                fail("the program does not wake up");
            tracee_race(&t, &race);
            if (fed || handled(&race) < opt.signals)
                continue;
            fed = 1;
            tracee_write(&t, t.race + offsetof(struct race, go), &go, sizeof go);
            if (opt.data && write(t.data[1], "x", 1) != 1)
                fail("write");
        }
        to_start();
    }
    /* On one processor a step is a plain switch; between two it is an interrupt, and takes ten times as long. */
    tracee_pin(&t);
    tracee_race(&t, &race);
    mask = tracee_mask(&t, "SigBlk:");
    vmask = race.vmask;
}

/* Every address that was ever stepped over, and whether it has had its signal. The path is not the same in each
 * round (the listener works beside it), so that counting steps alone leaves gaps. */
static struct {
    uint64_t pc;
    int tested;
} seen[4096];

static void note(uint64_t pc, int tested)
{
    for (int i = 0; i < 4096; i++) {
        if (!seen[i].pc)
            seen[i].pc = pc;
        if (seen[i].pc == pc) {
            seen[i].tested |= tested;
            return;
        }
    }
}

static enum verdict test_here(void)
{
    uint64_t pc = tracee_pc(&t);
    enum verdict v;
    note(pc, 1);
    for (int i = 0; i < opt.signals; i++)
        send_one(i);
    drain();
    stay();
    v = round_end();
    report(pc, v);
    return v;
}

/* What the count of steps has left out. An address that the path does not touch this time ends at the sleep. */
static void step_gaps(const struct race *race)
{
    for (int i = 0; i < 4096 && seen[i].pc && tally[LOST] < opt.max_lost; i++) {
        for (int n = 0; !seen[i].tested && n < MAX_STEPS && tracee_pc(&t) != seen[i].pc && !tracee_at_call(&t, race->nr); n++)
            if (tracee_step(&t) == STOP_GONE)
                fail("the program ended");
        if (!seen[i].tested && test_here() == STUCK)
            return;
    }
}

/* Every instruction from the check of the flag to the system call of the sleep, this one included. */
static void step_call(void)
{
    struct race race;
    int last = 0;
    tracee_race(&t, &race);
    for (int k = 0; k < MAX_STEPS && !last && tally[LOST] < opt.max_lost; k++) {
        for (int i = 0; i < k && !last; i++) {
            if (tracee_step(&t) == STOP_GONE)
                fail("the program ended");
            note(tracee_pc(&t), 0);
            last = tracee_at_call(&t, race.nr);
        }
        last = last || tracee_at_call(&t, race.nr);
        if (test_here() == STUCK)
            return;
    }
    step_gaps(&race);
}

/* From START to the NTH delivery of anything. 0: it never came. */
static int to_delivery(void)
{
    struct race race;
    uint64_t end = now_us() + 1000000;
    int seen = 0;
    tracee_race(&t, &race);
    tracee_resume(&t, 0);
    while (race.nr[0] >= 0 && !tracee_sleeps_in(&t, race.nr))
        if (now_us() > end)
            return 0;
    send_one(0);
    for (;;) {
        enum stop s = tracee_wait(&t, 1000);
        if (s != STOP_SIGNAL)
            return 0;
        if (++seen == opt.nth)
            return 1;
        tracee_resume(&t, 0);
    }
}

/* The second signal at every instruction from a delivery on, until the program is back in its own code: at
 * DONE, or in its loop. */
static void step_delivery(void)
{
    struct race race;
    int over = 0;
    tracee_race(&t, &race);
    for (int k = 0; k < MAX_STEPS && over < 2 && tally[LOST] < opt.max_lost; k += opt.every) {
        enum stop s = STOP_SIGNAL;
        enum verdict v;
        uint64_t pc;
        int i;
        if (!to_delivery())
            fail("the first signal does not arrive");
        for (i = 0; i < k; i++) {
            s = tracee_step(&t);
            if (s == STOP_DONE || s == STOP_GONE)
                break;
            if (race.nr[0] >= 0 && tracee_at_call(&t, race.nr))
                break; /* back in its call: the second signal must end it */
            if (race.nr[0] < 0 && i > 50) {
                pc = tracee_pc(&t);
                tracee_race(&t, &race);
                if (pc >= race.spin_low && pc < race.spin_high && handled(&race))
                    break;
            }
        }
        over += i < k;
        pc = tracee_pc(&t);
        for (i = 1; i < opt.signals; i++)
            send_one(i);
        drain();
        stay();
        v = round_end();
        report(pc, v);
        if (v == STUCK)
            return;
    }
}

int main(int argc, char **argv)
{
    char **program = options(argc, argv, &t.preload);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (tracee_start(&t, program)) {
        puts("failed: cannot start");
        return 3;
    }
    warm_up();
    if (opt.nth)
        step_delivery();
    else
        step_call();
    printf("rounds %d", rounds);
    for (int v = 0; v < VERDICTS; v++)
        printf(" %s %d", names[v], tally[v]);
    puts("");
    tracee_kill(&t);
    return 0;
}
