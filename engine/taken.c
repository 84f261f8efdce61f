/* context: thread, handler (a read), listener (look, bell)
 *
 * Arrivals that no handler is told of: the program blocks the signal, and reads it from a signalfd or waits for it. Who
 * takes it knows when it was taken; when it came is known to the listener alone, whose bell is rung for these signals, too,
 * while there is a trace. Where the program is as quick as the listener, nobody knows, and the time is 0.
 */
#include <sys/signalfd.h>
#include <sys/stat.h>

#include "base/text.h"
#include "engine/taken.h"

static volatile sf_set shown;
static volatile uint64_t came[SF_NSIG], taken[SF_NSIG]; /* when it was seen to pend; when one was last taken out */

sf_set sf_taken_bell(void)
{
    return sf_tracing() ? SF_LOAD(&shown) : 0;
}

void sf_taken_show(sf_set set)
{
    sf_set had = SF_OR(&shown, set);
    if (!sf_tracing() || !(set & ~had))
        return;
    sf_process_ferry();
    sf_listener_poke();
}

void sf_taken_look(void)
{
    sf_set bell = sf_taken_bell(), pending;
    /* Before the look: what is taken out after it has a later time, so a time that is left over from a signal that has
     * gone meanwhile is older than `taken`, and can be told. */
    uint64_t now = bell ? sf_now() : 0;
    if (!bell)
        return;
    pending = sys_sigpending();
    for (pending &= bell; pending; pending &= pending - 1) {
        int signo = sf_set_first(pending);
        if (SF_LOAD(&came[signo]) <= SF_LOAD(&taken[signo]))
            SF_STORE(&came[signo], now);
    }
}

void sf_taken_forget(void)
{
    for (int s = 0; shown && s < SF_NSIG; s++) /* else the page was never written to */
        came[s] = 0;
}

/* Not in a vfork child, whose memory is its parent's, nor in a sandbox that may forbid what we would call. */
static int may_look(const struct sf_lane *lane)
{
    return !lane || !(lane->vfork | lane->strict);
}

void sf_taken(int signo, const siginfo_t *info, int fd)
{
    const struct sf_lane *lane = sf_lane_raw();
    enum sf_sender from;
    uint64_t now, before, since;
    struct sf_record *r;

    if (!sf_tracing() || !may_look(lane))
        return;
    now = sf_now();
    before = __atomic_exchange_n(&taken[signo], now, __ATOMIC_SEQ_CST);
    since = __atomic_exchange_n(&came[signo], 0, __ATOMIC_SEQ_CST);
    r = sf_record_open(SF_EV_TAKE, lane ? lane->tid : sys_gettid(), signo, now);
    if (!r)
        return;
    memset(r->word, 0, sizeof r->word);
    sf_record_sender(r, info);
    r->taken.fd = fd;
    r->taken.wait_ns = since > before && since < now ? now - since : 0;
    sf_record_close(r);
    if (info->si_code == SI_TIMER && info->si_overrun > 0)
        sf_event_merged(lane, signo, info, info->si_overrun);
    from = sf_sender_of(info);
    if (from == SF_FROM_USER || from == SF_FROM_CHILD)
        sf_sender_ask(info->si_pid, now, 0);
}

static int is_signalfd(int fd)
{
    static const char is[] = "anon_inode:[signalfd]";
    char path[40], target[sizeof is];
    struct sf_text line;
    struct stat st;
    /* First the cheap question: files, pipes and sockets have a type. */
    if (SF_SYS(SYS_fstat, fd, &st, 0, 0, 0, 0) != 0 || (st.st_mode & S_IFMT) != 0)
        return 0;
    sf_text_start(&line, path, sizeof path);
    sf_text_add(&line, "/proc/self/fd/");
    sf_text_number(&line, fd);
    return SF_SYS(SYS_readlinkat, -100 /* AT_FDCWD */, path, target, sizeof target, 0, 0) == sizeof is - 1 &&
           memcmp(target, is, sizeof is - 1) == 0;
}

void sf_taken_find(int fd, const void *buf, long r)
{
    _Static_assert(sizeof(struct signalfd_siginfo) == SF_SIGNALFD_RECORD, "what the kernel writes");
    if (!may_look(sf_lane_raw()) || !is_signalfd(fd))
        return;
    for (long at = 0; at < r; at += SF_SIGNALFD_RECORD) {
        struct signalfd_siginfo s;
        siginfo_t info;
        memcpy(&s, (const char *)buf + at, sizeof s);
        memset(&info, 0, sizeof info);
        info.si_signo = (int)s.ssi_signo;
        info.si_code = s.ssi_code;
        info.si_pid = (pid_t)s.ssi_pid; /* (members share their bytes: first what SIGCHLD and kill have) */
        info.si_uid = s.ssi_uid;
        if (info.si_code == SI_TIMER)
            info.si_overrun = (int)s.ssi_overrun;
        if (info.si_signo == SIGCHLD && info.si_code > 0)
            info.si_status = s.ssi_status;
        else if (info.si_code > 0 && info.si_code != SI_KERNEL && SF_HAS(SF_SET_FAULTS, info.si_signo))
            info.si_addr = (void *)(uintptr_t)s.ssi_addr;
        else if (info.si_code < 0 && info.si_code != SI_TKILL)
            info.si_value.sival_ptr = (void *)(uintptr_t)s.ssi_ptr;
        if (info.si_signo > 0 && info.si_signo < SF_NSIG)
            sf_taken(info.si_signo, &info, fd);
    }
}
