/* context: thread, handler
 *
 * Findings that do not hang on what a handler calls: waits that come too late, descriptors, children, dispositions,
 * programs that are started, signals that are sent or never taken.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/text.h"
#include "engine/check.h"
#include "engine/task.h"
#include "sf_ucontext.h"

static sf_set start_blocked, start_ignored; /* what this process was given */
static uint32_t child;                      /* it is a fork of another that was under our eyes */

/* ---- the wait after the look at a flag ---- */

/* Has it no end of its own? A wait with a time limit is only late. */
static int endless(const struct sf_call *call)
{
    const struct timespec *t = NULL;
    switch (call->nr) {
    case SYS_nanosleep:
    case SYS_clock_nanosleep:
        return 0;
    case SYS_poll:
    case SYS_epoll_wait:
    case SYS_epoll_pwait:
        return (int)call->a[call->nr == SYS_poll ? 2 : 3] < 0;
    case SYS_ppoll:
        t = (const struct timespec *)call->a[2];
        break;
    case SYS_select:
    case SYS_pselect6:
        t = (const struct timespec *)call->a[4];
        break;
    case SYS_rt_sigtimedwait:
        t = (const struct timespec *)call->a[2];
        break;
    }
    return !t;
}

/* A program whose handlers do all the work (for (;;) pause();) makes the very same call again next: it did not wait for
 * this one. Any other call proves that it did. Natively there may be no next call, so the finding stands until it is
 * disproved; else it counts once it is proved. */
void sf_check_late(struct sf_lane *lane, const struct sf_call *call)
{
    struct sf_finding_head key;
    if (!endless(call) || lane->frame || !lane->last_handler)
        return;
    sf_find_key(&key, SF_FIND_LOST_WAKEUP, NULL);
    key.signo = (uint8_t)lane->last_signo;
    key.handler = lane->last_handler;
    key.verdict = sf_process.config.check == SF_CHECK_NATIVE ? SF_VERDICT_NATIVE : SF_VERDICT_AVERTED;
    key.value[0] = (uint64_t)call->nr;
    sf_find(lane, &key, NULL, 1);
    lane->late = sf_finding_like(&key);
    if (!lane->late)
        return;
    if (key.verdict == SF_VERDICT_AVERTED)
        __atomic_fetch_sub(&lane->late->head.count, 1, __ATOMIC_RELAXED);
    lane->late_call[0] = call->nr;
    memcpy(&lane->late_call[1], call->a, 3 * sizeof call->a[0]);
    lane->guard.flags |= SF_GUARD_WATCH; /* any other call will do as a proof */
}

static void judge_late(struct sf_lane *lane, long nr, const long a[6])
{
    int again = a && nr == lane->late_call[0] && memcmp(&lane->late_call[1], a, 3 * sizeof a[0]) == 0;
    int open = lane->late->head.verdict == SF_VERDICT_AVERTED; /* not counted yet */
    if (open != again)
        __atomic_fetch_add(&lane->late->head.count, open ? 1 : (uint64_t)-1, __ATOMIC_RELAXED);
    lane->late = NULL;
    lane->guard.flags = (lane->guard.flags & SF_GUARD_INPUT) | (lane->frame ? SF_GUARD_WATCH : sf_watch_all);
}

/* ---- wake-up descriptors ---- */

static int writes(long nr)
{
    return nr == SYS_write || nr == SYS_writev || nr == SYS_sendto || nr == SYS_sendmsg;
}

static int status_of(int fd, struct stat *st)
{
    return (int)SF_SYS(SYS_newfstatat, fd, "", st, AT_EMPTY_PATH, 0, 0);
}

/* Is its other end, the one that is read, in this process? */
static int both_ends(int fd, const struct stat *st)
{
    struct ucred peer;
    struct stat other;
    socklen_t size = sizeof peer;
    if (S_ISSOCK(st->st_mode))
        return SF_SYS(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, &peer, &size, 0) == 0 && peer.pid == sf_process.pid;
    for (int i = 0; S_ISFIFO(st->st_mode) && i < 1024; i++) {
        long flags;
        if (i == fd || status_of(i, &other) != 0 || other.st_ino != st->st_ino || other.st_dev != st->st_dev)
            continue;
        flags = SF_SYS(SYS_fcntl, i, F_GETFL, 0, 0, 0, 0);
        if (flags >= 0 && (flags & O_ACCMODE) != O_WRONLY)
            return 1;
    }
    return 0;
}

/* Has the parent this very pipe, too? */
static int parent_has(int fd, const struct stat *st)
{
    char path[64];
    struct sf_text t;
    struct stat other;
    sf_text_start(&t, path, sizeof path);
    sf_text_add(&t, "/proc/");
    sf_text_number(&t, SF_SYS(SYS_getppid, 0, 0, 0, 0, 0, 0));
    sf_text_add(&t, "/fd/");
    sf_text_number(&t, fd);
    return SF_SYS(SYS_newfstatat, -100, path, &other, 0, 0, 0) == 0 && other.st_ino == st->st_ino && other.st_dev == st->st_dev;
}

static void about(struct sf_lane *lane, enum sf_finding_kind kind, enum sf_verdict verdict, int fd)
{
    struct sf_finding_head key;
    sf_find_key(&key, kind, lane->frame);
    key.verdict = (uint8_t)verdict;
    key.fd = fd;
    sf_find(lane, &key, lane->frame, 1);
}

/* Before the write: it may be the last thing that this handler does. */
static void about_to_write(struct sf_lane *lane, int fd)
{
    static volatile uint64_t looked_at[4];
    static volatile uint32_t next;
    struct stat st;
    long flags;
    if (status_of(fd, &st) != 0 || !(S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
        return;
    for (int i = 0; i < 4; i++)
        if (looked_at[i] == st.st_ino * 4 + child + 1)
            return;
    looked_at[next++ % 4] = st.st_ino * 4 + child + 1;
    if (!both_ends(fd, &st))
        return;
    flags = SF_SYS(SYS_fcntl, fd, F_GETFL, 0, 0, 0, 0);
    if (flags >= 0 && !(flags & O_NONBLOCK))
        about(lane, SF_FIND_WAKEUP_BLOCKING, SF_VERDICT_POTENTIAL, fd);
    if (child && parent_has(fd, &st))
        about(lane, SF_FIND_WAKEUP_INHERITED, SF_VERDICT_NATIVE, fd);
}

void sf_check_point(struct sf_lane *lane, long nr, const long a[6])
{
    if (lane->late)
        judge_late(lane, nr, a);
    if (lane->frame && lane->frame->watched && writes(nr))
        about_to_write(lane, (int)a[0]);
}

void sf_check_called(struct sf_lane *lane, long nr, const long a[6], long r)
{
    struct stat st;
    struct sf_frame *f = lane->frame;
    if (!f || !f->watched)
        return;
    if (writes(nr)) {
        if (r == -EBADF || r == -EPIPE)
            about(lane, SF_FIND_WAKEUP_CLOSED, SF_VERDICT_NATIVE, (int)a[0]);
        if (r == -EAGAIN && status_of((int)a[0], &st) == 0 && both_ends((int)a[0], &st))
            about(lane, SF_FIND_WAKEUP_FULL, SF_VERDICT_NATIVE, (int)a[0]);
    }
    if ((nr == SYS_wait4 && a[0] == -1) || (nr == SYS_waitid && a[0] == 0 /* P_ALL */)) {
        if (r > 0 || (r == 0 && nr == SYS_waitid))
            f->reaped++;
        else
            f->drained = 1;
    }
}

/* ---- dispositions and other programs ---- */

/* System V's signal() neither keeps the handler nor blocks the signal meanwhile. */
void sf_check_action(struct sf_lane *lane, int signo)
{
    const struct sf_frame *f = lane ? lane->frame : NULL;
    struct sf_finding_head key;
    if (!sf_checking() || !f || !f->watched || f->signo != signo || !(f->action & SA_RESETHAND) || !(f->action & SA_NODEFER))
        return;
    sf_find_key(&key, SF_FIND_RESET_RACE, f);
    key.verdict = sf_process.config.check == SF_CHECK_NATIVE ? SF_VERDICT_POTENTIAL : SF_VERDICT_AVERTED;
    sf_find(lane, &key, f, 1);
}

/* `mask`: what the new program finds blocked; `defaults`: what it finds at SIG_DFL in any case. */
void sf_check_exec(struct sf_lane *lane, sf_set mask, sf_set defaults)
{
    struct sf_action act;
    struct sf_finding_head key;
    sf_set ignored = 0;
    for (int s = 1; s < SF_NSIG; s++) {
        sf_disposition_get(s, &act);
        if (act.handler == (uintptr_t)SIG_IGN && !SF_HAS(defaults, s))
            ignored |= SF_BIT(s);
    }
    mask &= ~(SF_SET_LIBC | SF_SET_UNBLOCKABLE | start_blocked);
    ignored &= ~start_ignored;
    for (int i = 0; i < 2; i++) {
        sf_set which = i ? ignored : mask;
        if (!which)
            continue;
        sf_find_key(&key, i ? SF_FIND_EXEC_WITH_IGNORED : SF_FIND_EXEC_WITH_BLOCKED, NULL);
        key.signo = (uint8_t)sf_set_first(which);
        key.verdict = SF_VERDICT_NATIVE;
        key.value[0] = which;
        sf_find(lane, &key, NULL, 1);
    }
}

/* ---- signals that are sent, and such as are never taken ---- */

/* "ShdPnd:" of another process: what pends there already. */
static sf_set pending_in(int pid)
{
    char text[2048];
    return sf_task_of_process(pid, "/status", text, sizeof text) ? sf_task_number(text, "\nShdPnd:\t", 16) : 0;
}

void sf_check_send(struct sf_lane *lane, int pid, int signo)
{
    struct sf_finding_head key;
    if (signo < 1 || signo > 31 || pid <= 0 || !SF_HAS(pending_in(pid), signo))
        return;
    sf_find_key(&key, SF_FIND_SIGNALS_MERGED, NULL);
    key.signo = (uint8_t)signo;
    key.verdict = SF_VERDICT_NATIVE;
    key.value[0] = pid == sf_process.pid ? 0 : 1;
    sf_find(lane, &key, NULL, 1);
}

/* The process ends: what pends now has been blocked for good. */
void sf_check_exit(void)
{
    struct sf_lane *lane = sf_lane_self();
    struct sf_finding_head key;
    sf_set pending;
    if (!sf_checking() || !lane)
        return;
    if (lane->late)
        judge_late(lane, -1, NULL);
    pending = sys_sigpending();
    pending &= sf_process.caught & lane->vmask & ~start_blocked;
    for (; pending; pending &= pending - 1) {
        struct sf_action act;
        sf_find_key(&key, SF_FIND_BLOCKED_FOREVER, NULL);
        key.signo = (uint8_t)sf_set_first(pending);
        sf_disposition_get(key.signo, &act);
        key.handler = act.handler;
        key.verdict = SF_VERDICT_NATIVE;
        sf_find(lane, &key, NULL, 1);
    }
}

void sf_inspect_begin(sf_set blocked)
{
    start_blocked = blocked;
    for (int s = 1; s < SF_NSIG; s++) {
        struct { uintptr_t handler; unsigned long flags; uintptr_t restorer; uint64_t mask; } k = {0, 0, 0, 0};
        if (SF_SYS(SYS_rt_sigaction, s, NULL, &k, 8, 0, 0) == 0 && k.handler == (uintptr_t)SIG_IGN)
            start_ignored |= SF_BIT(s);
    }
}

void sf_inspect_child(void)
{
    child = 1;
}
