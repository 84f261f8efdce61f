/* One round: the signals are sent, the program runs on, and what has come of it is judged. */
#include "tests/race/round.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct tracee t;
int tally[VERDICTS], rounds;
static const char *const names[VERDICTS] = {"good", "lost", "twice", "call", "order", "mask", "vmask", "frame", "stuck"};

static uint64_t mask, vmask; /* as they are before anything has happened */

void fail(const char *what)
{
    printf("failed: %s: %s\n", what, strerror(errno));
    tracee_kill(&t);
    exit(3);
}

void send_one(int i)
{
    union sigval v = {.sival_int = i + 1};
    uint64_t end = now_us() + 20000000;
    int err;
    do { /* EAGAIN: all of the user's processes share one limit of queued signals */
        if (opt.queue)
            err = sigqueue(t.pid, opt.signo[i], v);
        else if (opt.thread)
            err = (int)syscall(SYS_tgkill, t.pid, t.pid, opt.signo[i]);
        else
            err = kill(t.pid, opt.signo[i]);
    } while (err && errno == EAGAIN && now_us() < end);
    if (err)
        fail("kill");
}

/* Nothing to wait for: the time itself is what is tested. */
void stay(void)
{
    if (opt.stay)
        usleep((unsigned)opt.stay * 1000);
}

/* Give the listener its chance: until nothing it could take is pending and it sleeps again. It leaves signals
 * to a parked thread for a while, and for good when all block them; so not for ever. */
void drain(void)
{
    uint64_t end = now_us() + (opt.drain ? 3000 : 0);
    int listener = tracee_listener(&t), asleep = 0;
    while (listener && now_us() < end && asleep < 2) {
        asleep = tracee_thread_asleep(&t, listener) && !tracee_mask(&t, "ShdPnd:") ? asleep + 1 : 0;
        sched_yield();
    }
}

/* The next stop at START; notes nothing. */
void to_start(void)
{
    enum stop s;
    while ((s = tracee_run(&t, 5000)) != STOP_START)
        if (s != STOP_DONE)
            fail("the program does not come to its mark");
}

int handled(const struct race *race)
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

/* Out of a loss: more signals, until the program moves. One that is only slow must not be met by another: that one
 * would be handled in the next round. */
static enum verdict rescue(void)
{
    struct race race;
    int go = 1;
    tracee_race(&t, &race);
    printf("  handlers %d %d %d %d; blocked %#lx, pending %#lx %#lx, asleep %d\n", race.count[SIGUSR1], race.count[SIGUSR2],
           race.count[34], race.count[35], (unsigned long)tracee_mask(&t, "SigBlk:"), (unsigned long)tracee_mask(&t, "SigPnd:"),
           (unsigned long)tracee_mask(&t, "ShdPnd:"), tracee_sleeps_in(&t, race.nr));
    tracee_write(&t, t.race + offsetof(struct race, go), &go, sizeof go);
    for (int i = 0; i < 5; i++) {
        enum stop s;
        send_one(i % opt.signals);
        if (opt.data && write(t.data[1], "x", 1) != 1)
            fail("write");
        while ((s = tracee_wait(&t, 2000)) == STOP_SIGNAL || s == STOP_STEP)
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
        for (int k = 0; k < i; k++)
            if (race.order[i].signo == race.order[k].signo && race.order[i].value <= race.order[k].value)
                return ORDER;
    if (race.wrong.signo) {
        printf("  handler of %d: uc_sigmask %#lx, own mask %#lx, around it %#lx\n", race.wrong.signo,
               (unsigned long)race.wrong.shown, (unsigned long)race.wrong.own, (unsigned long)race.wrong.around);
        return FRAME;
    }
    return masked();
}

enum verdict round_end(void)
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

void report(uint64_t pc, enum verdict v)
{
    char where[300];
    tracee_where(&t, pc, where, sizeof where);
    printf("at %s %s\n", where, names[v]);
    tally[v]++;
    rounds++;
}

/* It has been resumed, and goes to sleep in its call, if it is one that sleeps. */
void until_asleep(const struct race *race)
{
    uint64_t end = now_us() + 10000000;
    while (race->nr[0] >= 0 && !tracee_sleeps_in(&t, race->nr)) {
        enum stop s = tracee_wait(&t, 1);
        if (s == STOP_SIGNAL || s == STOP_STEP) /* a relay of the round before */
            tracee_resume(&t, 0);
        if (now_us() > end)
            fail("the program does not sleep");
    }
}

/* One round without stepping: the signals one by one, then what ends the program's wait. */
static void run_through(void)
{
    struct race race;
    uint64_t end;
    int go = 1, sent = 0, fed = 0;
    enum stop s;
    tracee_race(&t, &race);
    tracee_resume(&t, 0);
    until_asleep(&race);
    end = now_us() + 10000000;
    while ((s = tracee_wait(&t, 1)) != STOP_DONE) {
        if (s == STOP_SIGNAL || s == STOP_STEP)
            tracee_resume(&t, 0);
        else if (s == STOP_GONE || now_us() > end)
            fail("the program does not wake up");
        tracee_race(&t, &race);
        if (handled(&race) >= sent && sent < opt.signals)
            send_one(sent++);
        if (fed || handled(&race) < opt.signals)
            continue;
        fed = 1;
        tracee_write(&t, t.race + offsetof(struct race, go), &go, sizeof go);
        if (opt.data && write(t.data[1], "x", 1) != 1)
            fail("write");
    }
}

/* Everything is resolved then, the listener runs, and masks are known. */
void warm_up(void)
{
    struct race race;
    to_start();
    for (int i = 0; i < 3; i++) {
        run_through();
        to_start();
    }
    /* On one processor a step is a plain switch; between two it is an interrupt, and takes ten times as long. */
    tracee_pin(&t);
    tracee_race(&t, &race);
    mask = tracee_mask(&t, "SigBlk:");
    vmask = race.vmask;
}

void summary(void)
{
    printf("rounds %d", rounds);
    for (int v = 0; v < VERDICTS; v++)
        printf(" %s %d", names[v], tally[v]);
    puts("");
}
