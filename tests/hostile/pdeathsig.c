/* PR_SET_PDEATHSIG comes when the thread that forked ends, and not when a thread of ours does: the parent unshares, sets
 * its ids and starts handlers (for all of which a helper thread may come and go), and only then dies. */
#include "../corner/common.h"
#include <sched.h>
static volatile int n;
static void handler(int sig) { n++; }
struct state {
    volatile int ready, early, late;
};
int main(void)
{
    struct state *s = shared(4096);
    pid_t parent = fork();
    char b[40];
    if (parent == 0) {
        pid_t me = getpid();
        on(SIGUSR1, handler, SA_RESTART);
        raise(SIGUSR1);
        usleep(100);
        if (fork() == 0) {
            on(SIGTERM, handler, SA_RESTART);
            prctl(PR_SET_PDEATHSIG, SIGTERM);
            n = getppid() == me ? 0 : 99;
            s->ready = 1;
            while (s->ready != 2)
                usleep(500);
            s->early = n;
            s->ready = 3;
            AWAIT(n);
            s->late = n;
            s->ready = 4;
            _exit(0);
        }
        CHECK(AWAIT(s->ready == 1));
        unshare(CLONE_FS);
        setgid(getgid());
        for (int k = 0; k < 3; k++) {
            pid_t p = kill_when_asleep(SIGUSR1);
            pause();
            reap(p);
            CHECK(unshare(CLONE_SYSVSEM) == 0);
        }
        s->ready = 2;
        CHECK(AWAIT(s->ready == 3));
        _exit(3);
    }
    out("parent: %s\n", ended(reap(parent), b));
    CHECK(AWAIT(s->ready == 4));
    out("before its death %d, after %d\n", s->early, s->late);
    return 0;
}
