/* After fork: the child reads its own signals and none of its parent's, by the same number, however it was made; what
 * it execs after finish has the masks that were. */
#define KEEP_USER
#include "client.h"
#include <sys/prctl.h>

static int ask(int go[2], int back[2])
{
    char c = 0;
    if (write(go[1], &c, 1) != 1 || read(back[0], &c, 1) != 1)
        return -1;
    return c;
}

static void in_child(int go[2], int back[2], int fd)
{
    char c;
    siginfo_t info;
    CHECK(sigferry_pipe_fd() == fd && quiet()); /* what was pending is the parent's */
    c = 1;
    if (read(go[0], &c, 1) != 1)
        _exit(1);
    c = (char)(quiet() ? 1 : 2); /* the parent has sent itself one in between */
    if (write(back[1], &c, 1) != 1 || read(go[0], &c, 1) != 1)
        _exit(1);
    CHECK(next_info(&info) == SIGTERM && info.si_pid == getppid());
    raise(SIGUSR1);
    CHECK(next() == SIGUSR1 && quiet());
    c = 1;
    if (write(back[1], &c, 1) != 1)
        _exit(1);
    _exit(0);
}

static void family(pid_t (*make)(void))
{
    int go[2], back[2], fd = sigferry_pipe_fd();
    char text[32];
    pid_t p;
    CHECK(pipe(go) == 0 && pipe(back) == 0);
    kill(getpid(), SIGUSR1);
    CHECK(readable());
    p = make();
    if (p == 0)
        in_child(go, back, fd);
    kill(getpid(), SIGTERM);
    CHECK(ask(go, back) == 1);
    CHECK(next() == SIGUSR1 && next() == SIGTERM);
    kill(p, SIGTERM);
    CHECK(ask(go, back) == 1);
    CHECK(!strcmp(ended(reap(p), text), "exit 0"));
    CHECK(next() == SIGCHLD && quiet());
    for (int i = 0; i < 2; i++)
        close(go[i]), close(back[i]);
}

static pid_t by_fork(void) { return child(); }
static pid_t by_clone(void) { return _Fork(); }
static pid_t from_thread(void);

static volatile pid_t made;
static void *forks(void *arg)
{
    pid_t p = child();
    (void)arg;
    if (p == 0)
        made = 0;
    else
        made = p;
    return p ? NULL : (void *)(intptr_t)pause();
}
static pid_t from_thread(void)
{
    pthread_t t;
    pthread_create(&t, NULL, forks, NULL);
    pthread_join(t, NULL);
    return made;
}

int main(int argc, char **argv)
{
    int flags = argc > 1 && !strcmp(argv[1], "unmasked") ? SIGFERRY_PIPE_UNMASKED : 0, st;
    char text[32];
    pid_t p;
    STATUS_CHILD(argc, argv);
    CHECK(sigferry_pipe_init(flags) >= 0);
    CHECK(sigferry_pipe_trap(SIGTERM) == 0 && sigferry_pipe_trap(SIGUSR1) == 0 && sigferry_pipe_trap(SIGCHLD) == 0);
    family(by_fork);
    family(by_clone);
    /* A thread forks; its child has nothing but that thread. */
    p = from_thread();
    kill(p, SIGKILL);
    CHECK(!strcmp(ended(reap(p), text), "signal 9") && next() == SIGCHLD);
    /* A child that goes on to exec. */
    p = child();
    if (p == 0) {
        CHECK(sigferry_pipe_finish() == 0);
        execl(self(), self(), "--status", "after finish", NULL);
    }
    CHECK(reap(p) == 0 && next() == SIGCHLD);
    p = child();
    if (p == 0) { /* trapped for it alone */
        CHECK(sigferry_pipe_untrap(SIGTERM) == 0);
        kill(getpid(), SIGTERM);
        _exit(0);
    }
    CHECK(!strcmp(ended(reap(p), text), "signal 15") && next() == SIGCHLD);
    /* The program has closed it; the number is in use for something else when it forks. */
    int fd = sigferry_pipe_fd();
    CHECK(dup2(1, fd) == fd);
    p = child();
    if (p == 0)
        _exit(sigferry_pipe_fd() == -1 && errno == EBADF && write(fd, "mine\n", 5) == 5 ? 0 : 1);
    st = reap(p);
    CHECK(!strcmp(ended(st, text), "exit 0"));
    done();
}
