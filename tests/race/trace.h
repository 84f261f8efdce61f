/* Helpers of the single-stepper: one traced thread, its memory, its state, and where its code lies. */
#ifndef TESTS_RACE_TRACE_H
#define TESTS_RACE_TRACE_H

#include "race.h"

#include <sys/types.h>
#include <sys/user.h>

enum stop { STOP_DONE, STOP_START, STOP_SIGNAL, STOP_STEP, STOP_GONE, STOP_TIMEOUT };

struct tracee {
    pid_t pid;
    uint64_t race;     /* address of struct race */
    int inject;        /* signal to deliver on the next resume */
    int unbreak;       /* take the breakpoint away at the next stop */
    int running;       /* resumed, and no stop seen since: resuming again could swallow a signal */
    int data[2];       /* pipe whose read end the program has as RACE_DATA_FD */
    const char *preload;
    enum mark mark;
};

int tracee_start(struct tracee *t, char **argv);
void tracee_pin(const struct tracee *t);
void tracee_kill(struct tracee *t);
enum stop tracee_run(struct tracee *t, int deadline_ms);
enum stop tracee_step(struct tracee *t);
enum stop tracee_wait(struct tracee *t, int deadline_ms);
void tracee_resume(struct tracee *t, int step);

int tracee_break(struct tracee *t, uint64_t pc);
uint64_t tracee_pc(const struct tracee *t);
int tracee_registers(const struct tracee *t, struct user_regs_struct *regs);
void tracee_race(const struct tracee *t, struct race *race);
void tracee_write(const struct tracee *t, uint64_t address, const void *data, size_t n);
uint64_t tracee_mask(const struct tracee *t, const char *field);
int tracee_at_call(const struct tracee *t, const int nr[4]);
int tracee_sleeps_in(const struct tracee *t, const int nr[4]);
void tracee_where(const struct tracee *t, uint64_t pc, char *text, size_t n);
int tracee_listener(const struct tracee *t);
int tracee_thread_asleep(const struct tracee *t, int tid);

uint64_t now_us(void);

#endif
