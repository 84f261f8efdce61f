/* context: thread
 *
 * Which signals merge. The kernel drops an instance of a standard signal without a word if one of its number pends at the
 * same place (the process, or one thread), and who sent it is not told. So the trace has what is certain, and no more:
 *
 *   - what the program sends to its own process or to the calling thread, while it has no other thread that could take the
 *     one that pends between the look and the send (here);
 *   - what had been taken out to wait here, and goes back to a thread that blocks it (sf_slot_let);
 *   - a timer's expirations, which the kernel counts: si_overrun (sf_event_arrive, sf_taken).
 *
 * Other processes' signals, other threads', those of setitimer and alarm, and SIGCHLD merge unseen.
 */
#include "engine/merge.h"

#include "engine/event.h"
#include "engine/task.h"

static uint64_t handlers(void)
{
    return __atomic_load_n(&sigferry_status.counter[SF_COUNT_REPLAYED], __ATOMIC_RELAXED);
}

/* No other thread of the program that has a lane. Before a descriptor is opened: it is not to be seen by another one. */
static int alone(const struct sf_lane *lane)
{
    if (lane->is_runner || sf_runner_runs())
        return 0;
    for (uint32_t i = 0; i < sf_lane_high; i++)
        if (&sf_lanes[i] != lane && SF_LOAD(&sf_lanes[i].state) != SF_LANE_FREE)
            return 0;
    return 1;
}

/* Does one pend just there? rt_sigpending does not tell the process's from the thread's. */
static int pends(int signo, int process)
{
    static char text[2048]; /* of the only thread, and no handler comes between; too much for a small stack */
    sf_set all = ~(sf_set)0, old;
    int yes;
    sys_sigprocmask(SIG_SETMASK, &all, &old);
    yes = sf_task_read("/proc/thread-self/status", text, sizeof text) > 0 &&
          SF_HAS(sf_task_number(text, process ? "\nShdPnd:\t" : "\nSigPnd:\t", 16), signo) &&
          sf_task_number(text, "\nThreads:\t", 10) == 1 + (uint64_t)(SF_LOAD(&sf_process.listener_tid) > 0);
    sys_sigprocmask(SIG_SETMASK, &old, NULL);
    return yes;
}

uint64_t sf_merge_look(const struct sf_lane *lane, int signo, int process)
{
    uint64_t begun = handlers();
    if ((lane->vfork | lane->strict) || sf_file_settled || !SF_HAS(sys_sigpending(), signo) || !alone(lane) ||
        !pends(signo, process))
        return 0;
    return begun + 1;
}

void sf_merge_after(const struct sf_lane *lane, int signo, const siginfo_t *info, uint64_t before)
{
    /* A handler that came in between may have taken the one that pended. */
    if (before && handlers() + 1 == before)
        sf_event_merged(lane, signo, info, 1);
}
