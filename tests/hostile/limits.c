/* The smallest limits: descriptors, processes, queued signals, sizes of files, of memory, of what is locked. Set before
 * the first handler, after it, and before the program starts: its handlers run as natively, in its child, too. */
/* needs: root */
/* limit: 60 */
#include "../corner/common.h"
#include <sys/resource.h>
static const struct limit {
    const char *name;
    int what;
    rlim_t max;
} limits[] = {{"nofile 0", RLIMIT_NOFILE, 0}, {"nofile 1", RLIMIT_NOFILE, 1}, {"nofile 3", RLIMIT_NOFILE, 3},
              {"nofile 4", RLIMIT_NOFILE, 4}, {"nofile 10", RLIMIT_NOFILE, 10}, {"nproc 1", RLIMIT_NPROC, 1},
              {"sigpending 0", RLIMIT_SIGPENDING, 0}, {"fsize 0", RLIMIT_FSIZE, 0}, {"memlock 0", RLIMIT_MEMLOCK, 0},
              {"core 0", RLIMIT_CORE, 0}, {"stack", RLIMIT_STACK, 128 << 10}, {"data", RLIMIT_DATA, 0},
              {"as", RLIMIT_AS, 32 << 20}, {"msgqueue 0", RLIMIT_MSGQUEUE, 0}, {"nice 0", RLIMIT_NICE, 0}};
static struct report {
    volatile int n, killed, timed, lowest, forked, child;
} *r;
static void handler(int sig) { __atomic_add_fetch(&r->n, 1, __ATOMIC_SEQ_CST); }

/* One at a time: the kernel merges signals that come faster than they are handled. */
static int counted(int at)
{
    for (int64_t end = now_ms() + DEADLINE_MS; r->n == at && now_ms() < end;)
        usleep(200);
    return r->n - at;
}
static void timed(void)
{
    for (int k = 0, at; k < 3; k++) {
        struct itimerval t = {{0, 0}, {0, 1000}};
        at = r->n;
        CHECK(setitimer(ITIMER_REAL, &t, NULL) == 0);
        r->timed += counted(at);
    }
}
static void serve(void)
{
    raise(SIGUSR1);
    r->killed = 1; /* from here on the parent sends */
    CHECK(AWAIT(r->killed == 4));
    timed();
    r->lowest = dup(1);
    pid_t p = fork();
    if (p == 0) {
        int at = r->n;
        raise(SIGUSR1);
        timed();
        r->child = r->n - at;
        _exit(0);
    }
    r->forked = p < 0 ? errno : reap(p);
    _exit(0);
}
static void restrict_to(const struct limit *l)
{
    struct rlimit to = {l->max, l->max};
    if (l->what == RLIMIT_NPROC)
        CHECK(setgid(4321) == 0 && setuid(4321) == 0);
    CHECK(setrlimit(l->what, &to) == 0);
}
static void catch_all(void) { on(SIGUSR1, handler, 0), on(SIGALRM, handler, SA_RESTART), on(SIGRTMIN, handler, 0); }
static void begin(const struct limit *l, int late)
{
    prctl(PR_SET_DUMPABLE, 1);
    if (late) {
        catch_all();
        usleep(100); /* a point: the listener is there */
    }
    restrict_to(l);
    if (!late)
        catch_all();
    serve();
}
/* What is queued is counted for the user, in all processes: other tests may have filled that up for a moment. */
static int sends(pid_t p, int refused)
{
    for (int64_t end = now_ms() + DEADLINE_MS; sigqueue(p, SIGRTMIN, (union sigval){0}); usleep(1000))
        if (refused || now_ms() > end)
            return errno;
    return 0;
}
static void one(const struct limit *l, int late)
{
    char b[40];
    int at, queued;
    memset(r, 0, sizeof *r);
    pid_t p = child();
    if (p == 0)
        begin(l, late);
    CHECK(AWAIT(r->killed));
    at = r->n;
    queued = sends(p, l->what == RLIMIT_SIGPENDING);
    queued = queued ? -queued : counted(at);
    for (int k = 0; k < 3; k++) {
        at = r->n;
        CHECK(kill(p, SIGUSR1) == 0 && counted(at) == 1);
        r->killed++;
    }
    out("%s %s: %s\n", l->name, late ? "late" : "early", ended(reap(p), b));
    out("  handled %d, by timer %d, queued %d, free from %d; fork %d, child handled %d\n", r->n, r->timed, queued, r->lowest,
        r->forked, r->child);
}
/* Started with the limit: `r` is its own, and what it says is its exit status. */
static int started(void)
{
    static struct report own;
    r = &own;
    catch_all();
    raise(SIGUSR1);
    timed();
    _exit(r->n);
}
int main(int argc, char **argv)
{
    char b[40], *me = self();
    if (argc > 1)
        return started();
    r = shared(4096);
    closefrom(3);
    for (unsigned k = 0; k < sizeof limits / sizeof *limits; k++) {
        one(&limits[k], 0), one(&limits[k], 1);
        pid_t p = child();
        if (p == 0) {
            restrict_to(&limits[k]);
            execl(me, me, "started", NULL);
            _exit(99);
        }
        out("%s from the start: %s\n", limits[k].name, ended(reap(p), b));
    }
    return 0;
}
