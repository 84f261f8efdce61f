/* context: thread
 *
 * Our own threads out of the way: for calls that refuse a process with threads, or that change what each thread has of
 * its own; where the program's last thread ends past libc, and where the process ends.
 */
#include <sys/wait.h>

#include "engine/engine.h"

/* How many threads of the program have a lane. */
int sf_process_threads(void)
{
    int n = 0;
    for (uint32_t i = 0; i < sf_lane_high; i++)
        n += SF_LOAD(&sf_lanes[i].state) == SF_LANE_LIVE && !sf_lanes[i].is_runner;
    return n;
}

static void stop_locked(void)
{
    SF_STORE(&sf_process.mode, SF_MODE_IDLE);
    sf_disposition_refresh();
    sf_listener_stop();
}

/* The calling thread is about to make the system call that ends a thread and no more. If it is the program's last one,
 * that ends the process, with its status: so our own threads go first. Thread context. */
void sf_process_thread_exits(struct sf_lane *lane)
{
    sf_lane_end(lane);
    if (sf_process_threads())
        return;
    sf_lock(&sf_process.lock);
    if (sf_process.mode == SF_MODE_FERRY) {
        stop_locked();
        sf_runner_stop();
    }
    sf_unlock(&sf_process.lock);
}

/* The process is about to end, by the calling thread. The kernel gives its children another parent, at first any thread
 * that still lives, even if only for a moment; and for the end of each such parent it sends what PR_SET_PDEATHSIG asked
 * for. So the listener goes first, if there are children. (The runner stays: it may be sleeping in a handler.) Any
 * context of a thread of the program. */
void sf_process_ends(void)
{
    struct sf_lane *lane = sf_lane_self();
    siginfo_t info; /* (the kernel needs none; valgrind does) */
    if (!lane || lane->is_runner || sf_process.mode != SF_MODE_FERRY ||
        SF_SYS(SYS_waitid, P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT, 0, 0) == -ECHILD)
        return;
    lane->busy++;
    sf_lock(&sf_process.lock);
    if (sf_process.mode == SF_MODE_FERRY)
        stop_locked();
    sf_unlock(&sf_process.lock);
    lane->busy--; /* not sf_busy_end: this is no point, see below */
    /* What pends by now came while the program was still whole, and is dropped like what the listener has taken: without
     * `stays` the kernel handed it over in this call, after the program's own functions for its end. */
    sf_mask_heal_but(lane, sys_sigpending() & lane->kmask & sf_process.caught);
}

/* The listener ends, and with `runner` that one, too. 1: they ran. */
static int step_out(struct sf_lane *lane, int runner)
{
    int ran;
    lane->busy++;
    sf_lock(&sf_process.lock);
    ran = sf_process.mode == SF_MODE_FERRY && SF_LOAD(&sf_process.listener_tid);
    if (ran)
        stop_locked();
    if (ran && runner)
        sf_runner_stop();
    sf_unlock(&sf_process.lock);
    sf_busy_end(lane);
    if (ran)
        sf_mask_heal(lane);
    return ran;
}

/* Stop our threads for a moment. Returns what sf_step_in wants. */
int sf_step_out(void)
{
    struct sf_lane *lane = sf_lane_self();
    return lane ? step_out(lane, 1) : 0;
}

void sf_step_in(int token)
{
    if (token)
        sf_process_ferry();
}

/* A handler is about to be called for `signo`. If that is a fault, and it is to be called once (SA_RESETHAND), the process is about
 * to die, and the handler tells of what. It may try out the memory first, byte by byte (redis does), in which nobody must run
 * then, and knows of the program's own threads only. So the listener is away meanwhile. (The runner stays, as in
 * sf_process_ends.) Never where the engine itself was interrupted: it may hold the lock. Any context of the lane's owner; returns
 * what sf_step_in_after_crash wants. */
uint32_t sf_step_out_of_crash(struct sf_lane *lane, int signo, int flags)
{
    if (__builtin_expect(!(flags & SA_RESETHAND) || !SF_HAS(SF_SET_FAULTS | SF_BIT(SIGABRT), signo), 1))
        return 0;
    if (lane->is_runner || lane->strict || !step_out(lane, 0))
        return 0;
    lane->wrecked++;
    SF_ADD(&sf_process.wrecked, 1); /* or the handler's next call that may sleep brought the listener back */
    return 1;
}

/* `token` such handlers have returned, or were jumped out of. */
void sf_step_in_after_crash(struct sf_lane *lane, uint32_t token)
{
    if (!token)
        return;
    lane->wrecked -= token;
    SF_ADD(&sf_process.wrecked, -token);
    sf_process_ferry();
}
