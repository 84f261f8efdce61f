/* context: any
 * What the engine and the hooks tell the trace (engine/event.c): counters always, records while tracing is on. None of
 * these waits, allocates or changes errno. `lane` is that of the thread concerned, and may be NULL where it says so. */
#ifndef SF_ENGINE_EVENT_H
#define SF_ENGINE_EVENT_H

#include "engine/engine.h"

/* A signal has reached us, for the first time. `lane` may be NULL. `listener`: that is who calls. */
void sf_event_arrive(struct sf_lane *lane, int signo, const siginfo_t *info, int listener);

/* It has to wait. `ours`: SF_OURS_..., or 0. */
void sf_event_wait(const struct sf_lane *lane, int signo, int ours);
void sf_event_blocked(int signo); /* by all threads */
void sf_event_forced(const struct sf_lane *lane, int signo, uint64_t since);

/* Around the program's handler: `frame` (after sf_frame_push) remembers what the end wants to know. `since`: arrival,
 * 0 if it did not wait. `error`: errno of the interrupted code. */
void sf_event_begin(struct sf_lane *lane, struct sf_frame *frame, const siginfo_t *info, uintptr_t handler,
                    enum sf_counter at, uint64_t since, int error);
/* It has returned to `uc` (NULL: called in place), with errno `error`. */
void sf_event_end(const struct sf_lane *lane, const struct sf_frame *frame, const ucontext_t *uc, int error);
/* It has been left by a jump. */
void sf_event_jumped(const struct sf_lane *lane, const struct sf_frame *frame);

/* The default action is about to be taken. `lane` may be NULL. */
void sf_event_default(const struct sf_lane *lane, int signo, const siginfo_t *info);

/* `count` instances of it, of which *info tells, have merged with one that pends; see merge.c. Tracing is on. `lane` may be
 * NULL. */
void sf_event_merged(const struct sf_lane *lane, int signo, const siginfo_t *info, int count);

/* What the program does. `caller`: see SF_CALLER. */
void sf_event_disposition(const struct sf_lane *lane, int signo, const struct sf_action *now, const struct sf_action *had);
void sf_event_mask(const struct sf_lane *lane, sf_set had, sf_set now);

struct sf_sending {
    enum sf_send kind;
    int pid, tid, signo;
    uint64_t value, period_ns;
};
/* Before the call: its time, 0 while tracing is off. To oneself it is recorded at once, for it may not return. */
uint64_t sf_event_send(const struct sf_lane *lane, const struct sf_sending *s);
/* After it. `begun`: from sf_event_send. */
void sf_event_sent(const struct sf_lane *lane, const struct sf_sending *s, uint64_t begun, long result);

void sf_event_mode(enum sf_mode mode);
void sf_event_start(const char *name);
void sf_event_forked(const struct sf_lane *lane, int parent);
void sf_event_exec(const struct sf_lane *lane, const char *path);
void sf_event_exec_failed(void);
void sf_event_exit(int status);
void sf_event_thread(const struct sf_lane *lane, int ends);

/* The program's call that led here: noted by the outermost hook. Calls among our own hooks do not count. */
void sf_event_caller(struct sf_lane *lane, const void *return_address);
#define SF_CALLER(lane)                                             \
    do {                                                            \
        if (__builtin_expect(sf_tracing(), 0) && (lane))            \
            sf_event_caller(lane, __builtin_return_address(0));     \
    } while (0)

/* sender.c: have the listener find out who `pid` is, if that has not been done a moment before `now`. */
void sf_sender_ask(int pid, uint64_t now, int listener);
/* The listener does so. */
void sf_sender_answer(void);

#endif
