/* A program with signals of every usual kind, whatever becomes of the library below it: a flag and pause, a blocking
 * read that restarts, an alarm in a loop that calls nothing, raise, a masked section, a child. Prints a line for each. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t n;
static volatile int *seen; /* shared with the sender, which waits for each: unhandled ones would merge */
static void handler(int signo) { n++; ++*seen; (void)signo; }

static void on(int signo, int flags)
{
    struct sigaction act = {.sa_handler = handler, .sa_flags = flags};
    sigaction(signo, &act, NULL);
}

static pid_t sender(int signo, int count, int fd)
{
    pid_t me = getpid(), p = fork();
    if (p)
        return p;
    for (int i = 0; i < count; i++) {
        int was = *seen;
        usleep(2000);
        kill(me, signo);
        for (int turn = 0; *seen == was && turn < 10000; turn++)
            usleep(1000);
    }
    if (fd >= 0 && write(fd, "x", 1) != 1)
        _exit(1);
    _exit(0);
}

static void reap(pid_t p)
{
    int status;
    while (waitpid(p, &status, 0) < 0 && errno == EINTR)
        ;
    printf("child %d\n", status);
}

int main(int argc, char **argv)
{
    sigset_t set;
    int p[2], wait_for = argc > 1 ? atoi(argv[1]) : 0;
    char c = 0;
    pid_t child;

    seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    setvbuf(stdout, NULL, _IONBF, 0);
    on(SIGUSR1, 0);
    on(SIGUSR2, SA_RESTART);
    on(SIGALRM, SA_RESTART);
    if (pipe(p))
        return 1;
    child = sender(SIGUSR1, 5, -1);
    while (n < 5)
        pause();
    printf("pause %d\n", (int)n);
    reap(child);
    n = 0;
    child = sender(SIGUSR2, 3, p[1]);
    printf("read %d %c\n", (int)read(p[0], &c, 1), c);
    reap(child);
    printf("restarted %d\n", n >= 1);
    n = 0;
    ualarm(20000, 0);
    while (!n)
        ; /* nothing is called */
    printf("loop\n");
    n = 0;
    raise(SIGUSR1);
    printf("raise %d\n", (int)n);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    kill(getpid(), SIGUSR1);
    printf("blocked %d\n", (int)n);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    printf("unblocked %d\n", (int)n);
    for (int i = 0; i < wait_for && read(0, &c, 1) != 1; i++) /* for an observer: until told */
        ;
    return 7;
}
