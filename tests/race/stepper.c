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
#include "tests/race/round.h"

#include <stdio.h>

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
    summary();
    tracee_kill(&t);
    return 0;
}
