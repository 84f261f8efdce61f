/* dup2 over every descriptor, close_range in a child that shares the table (CLONE_FILES), and the lowest free number:
 * the program finds its table as natively, and signals arrive. */
#include "../corner/common.h"
#include <sched.h>
static volatile int n;
static void handler(int sig) { n++; }
static void one(void)
{
    pid_t p = kill_when_asleep(SIGTERM);
    int at = n;
    while (n == at)
        pause();
    reap(p);
}
static int sharing(void *arg)
{
    int fd = *(int *)arg;
    on(SIGUSR1, handler, 0);
    raise(SIGUSR1); /* handlers here as well */
    pid_t me = getpid(), p = fork();
    if (p == 0)
        _exit(kill(me, SIGUSR1));
    int at = 1;
    for (int64_t end = now_ms() + DEADLINE_MS; n == at && now_ms() < end;)
        usleep(200);
    while (waitpid(p, NULL, 0) < 0)
        ;
    close_range((unsigned)fd, ~0u, 0);
    _exit(n);
}
int main(void)
{
    static char stack[65536] __attribute__((aligned(16)));
    int null = open("/dev/null", O_RDWR), p[2];
    char c;
    on(SIGTERM, handler, SA_RESTART);
    one();
    for (int fd = 3; fd < 512; fd++)
        if (fd != null)
            CHECK(dup2(null, fd) == fd);
    one();
    CHECK(dup3(null, 600, O_CLOEXEC) == 600);
    closefrom(4);
    one();
    out("lowest %d handled %d\n", dup(0), n);
    close(4);
    CHECK(pipe(p) == 0);
    n = 0;
    pid_t pid = clone(sharing, stack + sizeof stack, CLONE_FILES | SIGCHLD, &p[0]);
    out("child %d\n", WEXITSTATUS(reap(pid)));
    out("pipe closed by it: %d lowest %d\n", read(p[0], &c, 1) < 0 && errno == EBADF, dup(0));
    n = 0;
    one();
    out("handled %d\n", n);
    return 0;
}
