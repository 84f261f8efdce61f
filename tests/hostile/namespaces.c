/* New namespaces, of every kind at once and processes' above all: the first process of one has id 1, its senders outside
 * have none, what it does not catch it does not get; and it may join the one that its parent made. */
/* needs: root */
#include "../corner/common.h"
#include <sched.h>
static struct report {
    volatile int ready, n, outside;
} *r;
static volatile pid_t from = -1;
static void handler(int sig, siginfo_t *si, void *uc)
{
    from = si->si_code == SI_USER || si->si_code == SI_QUEUE ? si->si_pid : -2;
    r->n++;
}
static int comes(int at) { return AWAIT(r->n == at); }

/* In the new namespace. */
static void serve(const char *who)
{
    pid_t p;
    on_info(SIGUSR1, handler, SA_RESTART), on_info(SIGRTMIN, handler, 0);
    r->ready = 1;
    CHECK(AWAIT(r->outside)); /* two of them, from a process that has no id here */
    CHECK(comes(2));
    int id = getpid();
    out("%s: id %d, handled %d from %d\n", who, id == 1 ? 1 : 2, r->n, from);
    raise(SIGUSR1);
    if (id == 1)
        raise(SIGTERM); /* not caught: the first process does not even die of its own */
    pid_t me = getpid();
    if ((p = child()) == 0)
        _exit(kill(me, SIGUSR1) ? errno : 0);
    CHECK(comes(4));
    CHECK(reap(p) == 0);
    out("%s: from its child %d\n", who, from == p);
    if ((p = vfork()) == 0) {
        execlp("true", "true", NULL);
        _exit(9);
    }
    CHECK(reap(p) == 0);
}
/* A child in another namespace than ours: it does not see its parent. */
static pid_t stranger(void)
{
    pid_t p = fork();
    if (p < 0) {
        out("FAIL fork (errno %d)\n", errno);
        _exit(98);
    }
    if (p == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    return p;
}
static void send_two(pid_t p)
{
    CHECK(AWAIT(r->ready));
    CHECK(kill(p, SIGUSR1) == 0 && comes(1));
    CHECK(sigqueue(p, SIGRTMIN, (union sigval){1}) == 0 && comes(2));
    r->outside = 1;
}
/* The maker of the namespaces, which has a listener by then; its first child is in them. */
static void maker(int flags, const char *name)
{
    char b[40], path[64];
    int n = r->n;
    on_info(SIGUSR2, handler, 0);
    raise(SIGUSR2);
    pid_t p = kill_when_asleep(SIGUSR2);
    pause();
    reap(p);
    out("%s: unshare %d, handled %d\n", name, unshare(flags), r->n - n);
    memset(r, 0, sizeof *r);
    p = stranger();
    if (p == 0) {
        serve("first");
        r->ready = 2;
        for (;;)
            pause();
    }
    send_two(p);
    CHECK(AWAIT(r->ready == 2));
    snprintf(path, sizeof path, "/proc/%d/ns/pid", (int)p);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    CHECK(fd >= 0 && setns(fd, CLONE_NEWPID) == 0);
    close(fd);
    memset(r, 0, sizeof *r);
    pid_t second = stranger();
    if (second == 0) {
        serve("second");
        _exit(3);
    }
    send_two(second);
    out("second: %s\n", ended(reap(second), b));
    n = r->n;
    raise(SIGUSR2);
    out("%s: handled %d more\n", name, r->n - n);
    kill(p, SIGKILL);
    out("first: %s\n", ended(reap(p), b));
    _exit(0);
}
int main(void)
{
    static const struct {
        const char *name;
        int flags;
    } kinds[] = {{"pid", CLONE_NEWPID},
                 {"all", CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET | CLONE_FS | CLONE_FILES |
                         CLONE_SYSVSEM}};
    char b[40];
    r = shared(4096);
    for (unsigned k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        pid_t p = child();
        if (p == 0) {
            pid_t probe = fork();
            if (probe == 0)
                _exit(unshare(kinds[k].flags) != 0);
            if (reap(probe) != 0)
                SKIP("no namespaces");
            maker(kinds[k].flags, kinds[k].name);
        }
        int st = reap(p);
        if (WIFEXITED(st) && WEXITSTATUS(st) == 77)
            _exit(77);
        out("%s: %s\n", kinds[k].name, ended(st, b));
    }
    return 0;
}
