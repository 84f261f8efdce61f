/* context: handler, runner (what a handler does), listener, thread (what is known of it)
 *
 * Which handlers are of the kind of Python's set_wakeup_fd: they only write to a descriptor, so that the program's event
 * loop learns of the signal. The first calls of each are watched, later ones too.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "engine/engine.h"

#define CONFORM 3 /* so many calls in the pattern, one after the other, make a wake-up handler */
#define NEVER 1000u

static volatile uint32_t state[SF_NSIG]; /* conforming calls; CONFORM: recognised; NEVER: broke the pattern */
static volatile uint64_t hot_handler[SF_NSIG];
static volatile sf_set blocking; /* recognised, and their descriptor blocks when full */

/* ---- while it runs ---- */

/* From here on what a handler calls is counted. Owner of the lane. */
void sf_wakeup_watch(struct sf_lane *lane)
{
    lane->saw = 0;
    lane->saw_lock = 0;
}

/* A hook that writes one wake-up, called inside a handler of the program. */
void sf_wakeup_saw(int fd)
{
    struct sf_lane *lane = sf_lane_raw();
    struct stat st;
    int saved = errno;
    if (!lane || !lane->frame)
        return;
    if (fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) || (st.st_mode & S_IFMT) == 0)) {
        if (S_ISFIFO(st.st_mode) && st.st_ino == lane->saw_lock) {
            lane->saw_lock = 0; /* puts back what it took: see sf_wakeup_lock */
        } else if (!(lane->saw & SF_SAW_WAKEUP)) {
            lane->saw |= SF_SAW_WAKEUP;
            lane->saw_fd = fd;
            if (state[lane->frame->signo] == CONFORM)
                sf_reader_wrote(lane->frame->signo, fd, lane->frame->since);
        }
    } else {
        lane->saw |= SF_SAW_OTHER;
    }
    errno = saved;
}

/* A handler reads from `fd`. The lock of one that shares its data with the loop (libuv) is a byte taken out of a pipe,
 * and put back. 1: a pipe, so it may be that. */
int sf_wakeup_lock(struct sf_lane *lane, int fd)
{
    struct stat st;
    if (SF_SYS(SYS_fstat, fd, &st, 0, 0, 0, 0) != 0 || !S_ISFIFO(st.st_mode))
        return 0;
    lane->saw_lock = st.st_ino;
    return 1;
}

/* Any other hook of ours, called inside a handler. */
void sf_wakeup_other(void)
{
    struct sf_lane *lane = sf_lane_raw();
    if (lane && lane->frame)
        lane->saw |= SF_SAW_OTHER;
}

/* ---- when it has returned ---- */

/* A blocking descriptor must never be written to by the thread that reads it: full, it would wait for itself. */
static int blocks(int fd)
{
    long flags = SF_SYS(SYS_fcntl, fd, F_GETFL, 0, 0, 0, 0);
    return flags >= 0 && !(flags & O_NONBLOCK);
}

static void recognise(int signo, int fd)
{
    struct sf_row *row = &sigferry_status.row[signo];
    row->wakeup = 1;
    row->wakeup_fd = fd;
    row->wakeup_reader = -1;
    sf_runner_want();
    if (blocks(fd)) {
        SF_OR(&blocking, SF_BIT(signo));
        SF_OR(&sf_process.nogate, SF_BIT(signo) & sf_process.closed);
    }
}

/* In-thread for good: it is out of the pattern, or has jumped. Any context. */
void sf_wakeup_never(int signo)
{
    if (state[signo] == CONFORM)
        sigferry_status.row[signo].wakeup = 2;
    state[signo] = NEVER;
    SF_AND(&blocking, ~SF_BIT(signo));
    SF_AND(&sf_process.nogate, ~SF_BIT(signo));
}

/* The handler of `signo` has returned: was it in the pattern? Owner of the lane, before sf_frame_pop. */
void sf_wakeup_judge(struct sf_lane *lane, int signo, uintptr_t handler)
{
    uint32_t saw = lane->saw;

    if (hot_handler[signo] != handler) {
        hot_handler[signo] = handler;
        state[signo] = 0;
    }
    if (state[signo] == NEVER || sf_process.config.wakeup != SF_WAKEUP_AUTO)
        return;
    if (lane->saw_lock)
        saw |= SF_SAW_OTHER;
    if (saw == SF_SAW_WAKEUP) {
        if (state[signo] < CONFORM && ++state[signo] == CONFORM)
            recognise(signo, lane->saw_fd);
    } else if (saw && state[signo] == CONFORM) {
        sf_wakeup_never(signo);
    } else if (saw) { /* else it has only set a flag: libev does not write while its loop is awake */
        state[signo] = 0;
    }
}

/* ---- what is known ---- */

/* May `signo` go to the runner by itself? Any context. */
int sf_wakeup_is(int signo)
{
    return state[signo] == CONFORM && sf_process.config.wakeup == SF_WAKEUP_AUTO && sf_runner_runs();
}

/* Recognised, even if there is no runner. Any context. */
int sf_wakeup_known(int signo)
{
    return state[signo] == CONFORM;
}

/* Broke the pattern, and stays in-thread whatever is configured. Any context. */
int sf_wakeup_broke(int signo)
{
    return state[signo] == NEVER;
}

/* Those of the recognised whose descriptor blocks. Any context. */
sf_set sf_wakeup_blocks(void)
{
    return SF_LOAD(&blocking);
}

/* The same, as far as they must never run in-thread: the thread that the handler would cut may be the one that empties
 * the pipe. None without a runner. Any context. */
sf_set sf_wakeup_blocking(void)
{
    return sf_runner_runs() ? SF_LOAD(&blocking) : 0;
}
