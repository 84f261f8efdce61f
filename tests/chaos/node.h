/* What the parts of a node (a process of the tree) share. */
#ifndef CHAOS_NODE_H
#define CHAOS_NODE_H

#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>

#include "ledger.h"

/* What this thread is doing, for the driver to name when a node hangs. */
enum phase {
    COMPUTE = 1, SLEEP, CRITICAL, JUMP, SEND, MAKE_THREAD, FORK, SPAWN, EXEC, FAILED_EXEC, SUSPEND, TAKE, REAP, SETTLE, JOIN,
    CHILD_WAIT, SPARE
};

struct self {
    int slot, is_main;
    uint32_t random, handler_random;
    volatile int sending, critical, armed;
    sigjmp_buf env;
    sigset_t section; /* the mask in the section that handlers jump out of */
};

extern __thread struct self self;
extern int process_slot;   /* of this process; signals that find another pid there are not ours yet */
extern int wake_pipe[2];

void install_handlers(void);
void block_all(sigset_t *old);
void send_some(int most);
void compute(unsigned us);
void act(void);           /* one of the things that any thread does */
int close_target(int slot);
void new_process(int slot); /* the calling thread is the only one of a new process */

UNUSED unsigned below(unsigned n) { return next_random(&self.random) % n; }
UNUSED void phase(int p) { ledger->target[self.slot].phase = p; }

#endif
