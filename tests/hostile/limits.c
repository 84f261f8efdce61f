/* The smallest limits: descriptors, processes, pending signals, file size, address space. The program goes on as
 * natively, and children started so do, too. */
/* needs: root */
/* limit: 40 */
#include "../corner/common.h"
#include <sys/resource.h>
static volatile int n;
static void handler(int sig) { n++; }
static void serve(pid_t me)
{
    raise(SIGUSR1);
    usleep(300);
    raise(SIGUSR1);
    for (int64_t end = now_ms() + DEADLINE_MS; n < 5 && now_ms() < end;)
        usleep(200);
    out("handled %d descriptors free from %d\n", n, dup(1));
}
int main(void)
{
    static const struct {
        const char *name;
        int what;
        rlim_t max;
    } limits[] = {{"nofile 0", RLIMIT_NOFILE, 0}, {"nofile 1", RLIMIT_NOFILE, 1}, {"nofile 3", RLIMIT_NOFILE, 3},
                  {"nofile 4", RLIMIT_NOFILE, 4}, {"nofile 10", RLIMIT_NOFILE, 10}, {"nproc 1", RLIMIT_NPROC, 1},
                  {"sigpending 0", RLIMIT_SIGPENDING, 0}, {"fsize 0", RLIMIT_FSIZE, 0}, {"memlock 0", RLIMIT_MEMLOCK, 0},
                  {"core 0", RLIMIT_CORE, 0}, {"as", RLIMIT_AS, 0}, {"nice", RLIMIT_NICE, 0}};
    char b[40];
    for (unsigned k = 0; k < sizeof limits / sizeof *limits; k++) {
        for (int late = 0; late < 2; late++) {
            volatile int *ready = shared(4096);
            pid_t p = child();
            if (p == 0) {
                struct rlimit r = {limits[k].max, limits[k].max};
                pid_t me = getpid();
                if (late)
                    on(SIGUSR1, handler, 0), usleep(100);
                if (limits[k].what == RLIMIT_AS) /* what it has, and a little more */
                    r.rlim_cur = r.rlim_max = 16 << 20;
                if (limits[k].what == RLIMIT_NPROC)
                    CHECK(setgid(4321) == 0 && setuid(4321) == 0);
                CHECK(setrlimit(limits[k].what, &r) == 0);
                if (!late)
                    on(SIGUSR1, handler, 0);
                *ready = 1;
                serve(me);
                _exit(0);
            }
            CHECK(AWAIT(*ready));
            for (int s = 0; s < 3; s++) {
                volatile int pause_us = 3000;
                kill(p, SIGUSR1);
                usleep((useconds_t)pause_us);
            }
            out("%s %s: ", limits[k].name, late ? "late" : "early");
            out("%s\n", ended(reap(p), b));
        }
    }
    return 0;
}
