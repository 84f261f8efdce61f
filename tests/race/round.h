/* What the ways of stepping share: see round.c. Functions that cannot go on print why and exit. */
#ifndef TESTS_RACE_ROUND_H
#define TESTS_RACE_ROUND_H

#include "tests/race/options.h"
#include "tests/race/trace.h"

#define MAX_STEPS 20000

/* FRAME: a handler has seen masks that are natively impossible. STUCK: nothing moves the program any more. */
enum verdict { GOOD, LOST, TWICE, CALL, ORDER, MASK, VMASK, FRAME, STUCK, VERDICTS };

extern struct tracee t;
extern int tally[VERDICTS], rounds;

void fail(const char *what);
void until_asleep(const struct race *race);
void warm_up(void);
void to_start(void);
void send_one(int i);
void drain(void);
void stay(void);
int handled(const struct race *race);
enum verdict round_end(void);
void report(uint64_t pc, enum verdict v);
void summary(void);
void step_delivery(void); /* delivery.c */

#endif
