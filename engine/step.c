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

/* Stop the listener for a moment. Returns what sf_step_in wants. */
int sf_step_out(void)
{
    struct sf_lane *lane = sf_lane_self();
    int ran = 0;
    if (!lane)
        return 0;
    lane->busy++;
    sf_lock(&sf_process.lock);
    if (sf_process.mode == SF_MODE_FERRY && SF_LOAD(&sf_process.listener_tid)) {
        stop_locked();
        sf_runner_stop();
        ran = 1;
    }
    sf_unlock(&sf_process.lock);
    sf_busy_end(lane);
    if (ran)
        sf_mask_heal(lane);
    return ran;
}

void sf_step_in(int token)
{
    if (token)
        sf_process_ferry();
}
