/* context: thread, handler
 *
 * Make rare bugs happen: while the program is inside of a guarded function, send it the signals that it catches. At the
 * function's entry and exit, by a signal to the own thread while the mark stands; at a random moment, by a timer. Each
 * signal comes to each function again and again, at calls that are further and further apart, so that what is called a
 * million times does not use up what there is for the rest.
 *
 * A handler that ends the program is met once. So the command starts it again, and a table that outlives the process says
 * which signals have come to which functions: from the second run on only those come that did not, one by one.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/text.h"
#include "engine/check.h"

#define FUNCTIONS SF_PROVOKE_FUNCTIONS
#define SHOTS 20000 /* a process */
#define CALLS 200   /* so many calls before a signal comes that often ends the program */
#define LONGEST_NS 30000

static const sf_set deadly = SF_BIT(SIGTERM) | SF_BIT(SIGINT) | SF_BIT(SIGQUIT) | SF_BIT(SIGHUP);
/* Not by us unless they are named: what a fault or an abort means, and what would stop the program for good. */
static const sf_set unwanted = SF_SET_FAULTS | SF_SET_LIBC | SF_BIT(SIGABRT) | SF_BIT(SIGPIPE) | SF_BIT(SIGXFSZ) |
                               SF_BIT(SIGTSTP) | SF_BIT(SIGTTIN) | SF_BIT(SIGTTOU);

static uint32_t calls[FUNCTIONS], next[FUNCTIONS], all_calls, shots;
static volatile sf_set on_its_way; /* sent, and the handler has not begun */
static volatile int timer_tid;     /* the thread that timers are made for */
static int timer_id[SF_NSIG];      /* + 1 */
static int last;
static struct sf_provoke_table own, *table = &own;

/* Which signals may be sent now, inside of function `n`. */
static sf_set eligible(const struct sf_lane *lane, uint32_t n)
{
    const struct sf_provoke *p = &sf_process.config.provoke;
    sf_set set = sf_process.caught & ~lane->vmask & (p->signals ? p->signals : ~unwanted);
    if (set & ~table->seen[n])
        SF_OR(&table->seen[n], set);
    set &= ~SF_LOAD(&on_its_way);
    if (table->run == 0)
        return !p->signals && all_calls < CALLS ? set & ~deadly : set;
    set &= ~SF_LOAD(&table->tried[n]);
    return set & ~deadly ? set & ~deadly : set;
}

/* One after the other. */
static int choose(sf_set set)
{
    sf_set above = last < 64 ? set & ~(sf_set)0 << last : 0;
    last = sf_set_first(above ? above : set);
    return last;
}

static uint32_t scatter(uint32_t n, uint32_t count, int signo)
{
    uint64_t x = (uint64_t)n << 40 ^ (uint64_t)count << 8 ^ (uint64_t)signo;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)(x >> 33);
}

/* As if another process had sent it. */
static void shoot_now(struct sf_lane *lane, uint32_t n, int signo)
{
    uint32_t inside = lane->guard.inside;
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = signo;
    info.si_code = SI_USER;
    info.si_pid = (int)SF_SYS(SYS_getppid, 0, 0, 0, 0, 0, 0);
    lane->guard.inside = n;
    sys_tgsigqueue(sf_process.pid, lane->tid, signo, &info); /* the stub runs here, and looks at the mark */
    lane->guard.inside = inside;
}

/* 0, or the timer cannot be had. */
static int shoot_later(struct sf_lane *lane, int signo, uint32_t ns)
{
    struct itimerspec t = {{0, 0}, {0, (long)ns}};
    int none = 0, id;
    if (SF_LOAD(&timer_tid) != lane->tid &&
        !__atomic_compare_exchange_n(&timer_tid, &none, lane->tid, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        return -EBUSY;
    if (!timer_id[signo]) {
        struct sigevent e;
        memset(&e, 0, sizeof e);
        e.sigev_notify = SIGEV_THREAD_ID;
        e.sigev_signo = signo;
        e._sigev_un._tid = lane->tid;
        if (SF_SYS(SYS_timer_create, CLOCK_MONOTONIC, &e, &id, 0, 0, 0) != 0)
            return -EAGAIN;
        timer_id[signo] = id + 1;
    }
    return (int)SF_SYS(SYS_timer_settime, timer_id[signo] - 1, 0, &t, NULL, 0, 0);
}

/* Another one in each run: not every function comes to its end. */
static uint32_t moment(uint32_t n, uint32_t count, int signo)
{
    const struct sf_provoke *p = &sf_process.config.provoke;
    return p->at ? p->at : SF_PROVOKE_ENTRY + (scatter(n, count, signo) + table->run) % 3;
}

static void shoot(struct sf_lane *lane, uint32_t n, int signo, uint32_t at)
{
    const struct sf_provoke *p = &sf_process.config.provoke;
    uint32_t ns = p->ns ? p->ns : 1 + scatter(calls[n] + table->run, n, signo) % LONGEST_NS;

    shots++;
    next[n] = calls[n] + 1 + calls[n] / 8;
    lane->shot.function = n;
    lane->shot.count = calls[n];
    lane->shot.at = at == SF_PROVOKE_AFTER ? ns << 2 | at : at;
    SF_OR(&on_its_way, SF_BIT(signo));
    SF_OR(&table->tried[n], SF_BIT(signo)); /* first: it may not come back */
    if (at != SF_PROVOKE_AFTER)
        shoot_now(lane, n, signo);
    else if (shoot_later(lane, signo, ns) != 0)
        SF_AND(&on_its_way, ~SF_BIT(signo));
    if (at != SF_PROVOKE_AFTER)
        lane->shot.function = 0;
}

static int wanted(const struct sf_provoke *p, uint32_t n)
{
    return p->count ? calls[n] == p->count : calls[n] >= next[n];
}

/* Function `n` is called, or (`leaving`) about to return. The outermost; owner of the lane. */
void sf_provoke_call(struct sf_lane *lane, uint32_t n, int leaving)
{
    const struct sf_provoke *p = &sf_process.config.provoke;
    sf_set set;
    uint32_t at;
    int signo;

    if (n >= FUNCTIONS)
        return;
    if (!leaving) {
        SF_ADD(&calls[n], 1);
        SF_ADD(&all_calls, 1);
    }
    if (shots >= SHOTS || lane->busy || lane->point || lane->is_runner || lane->leaving || lane->spawning ||
        (sf_process.mode != SF_MODE_FERRY && sf_process.config.check != SF_CHECK_NATIVE) || sf_process.forking ||
        (p->function[0] && strcmp(p->function, sf_guarded(n)->name) != 0))
        return;
    set = eligible(lane, n);
    if (!set || !wanted(p, n))
        return;
    signo = choose(set);
    at = moment(n, calls[n], signo);
    if ((at == SF_PROVOKE_EXIT) != leaving) {
        last--; /* the same one again when it leaves */
        return;
    }
    shoot(lane, n, signo, at);
}

/* The handler of `signo` begins. */
void sf_provoke_ran(int signo)
{
    SF_AND(&on_its_way, ~SF_BIT(signo));
}

/* The command's table, where there is one: in a directory that is the user's own. */
static void share_table(void)
{
    char path[sizeof sf_process.config.rings + sizeof SF_PROVOKE_TABLE + 1];
    struct sf_text t;
    struct stat st;
    long fd, at;

    if (!sf_process.config.rings[0])
        return;
    sf_text_start(&t, path, sizeof path);
    sf_text_add(&t, sf_process.config.rings);
    sf_text_add(&t, "/" SF_PROVOKE_TABLE);
    fd = sys_open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (SF_SYS(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH, 0, 0) == 0 && st.st_size == sizeof *table &&
        st.st_uid == (unsigned)SF_SYS(SYS_geteuid, 0, 0, 0, 0, 0, 0)) {
        at = SF_SYS(SYS_mmap, NULL, sizeof *table, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (at > 0 || at < -4095)
            table = (struct sf_provoke_table *)at;
    }
    sys_close((int)fd);
}

void sf_provoke_begin(void)
{
    if (!sf_process.config.provoke.on || !sf_checking())
        return;
    share_table();
    sf_watch_all = SF_GUARD_WATCH;
}

/* A forked child has none of its parent's timers. */
void sf_provoke_child(void)
{
    timer_tid = 0;
    on_its_way = 0;
    memset(timer_id, 0, sizeof timer_id);
}
