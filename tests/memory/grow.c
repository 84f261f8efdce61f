/* grow SIGNALS FORKS GENERATIONS: what the process holds after a tenth of each, and after all. */
#include "measure.h"
static volatile int *queued; /* real-time signals handled: these do not merge */
static int table;
static void handler(int sig, siginfo_t *si, void *uc) { __atomic_add_fetch(queued, sig >= SIGRTMIN, __ATOMIC_SEQ_CST); }

static void share(int fd)
{
    queued = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(queued != MAP_FAILED);
}

/* Another program: a child would share our pages. So that it is not about long queues, it waits for those of the other. */
static int send_to(pid_t to, int many)
{
    const int sent[] = {SIGUSR1, SIGRTMIN, SIGHUP, SIGRTMIN + 3};
    int begun = *queued;
    for (int n = 0; n < many; n++) {
        int sig = sent[n % 4];
        while (n / 2 - (*queued - begun) > 64)
            usleep(50);
        CHECK((sig >= SIGRTMIN ? sigqueue(to, sig, (union sigval){0}) : kill(to, sig)) == 0);
    }
    return 0;
}

/* Half of them are real-time signals. */
static void signals(const char *when, int many)
{
    char me[20], count[20], fd[20], *args[] = {self(), (char *)"--send", me, count, fd, NULL};
    int before = *queued;
    pid_t sender;
    sprintf(me, "%d", (int)getpid());
    sprintf(fd, "%d", table);
    sprintf(count, "%d", many);
    sender = vfork();
    if (sender == 0) {
        execv(args[0], args);
        _exit(127);
    }
    for (int n = 0, over = 0; !over || *queued < before + many / 2; n++) {
        free(malloc(100));
        over |= waitpid(sender, NULL, WNOHANG) == sender;
        if (n % 4 == 0)
            poll(NULL, 0, over);
    }
    show(when, measure());
}

static void forks(const char *when, int many)
{
    for (int n = 0; n < many; n++) {
        pid_t p = fork();
        if (p == 0) {
            raise(SIGUSR1);
            if (n % 16 == 0)
                poll(NULL, 0, 0); /* has a listener of its own */
            _exit(0);
        }
        reap(p);
    }
    show(when, measure());
}

/* Each the child of the one before, which is gone. */
static void generations(int many)
{
    struct measure *m = shared(2 * sizeof *m);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t p = fork();
    for (int n = 0; p == 0 && n < many; n++) {
        pid_t parent = getpid();
        raise(SIGUSR1);
        poll(NULL, 0, 0);
        if (n == many / 10 || n == many - 1)
            m[n == many - 1] = measure();
        p = n == many - 1 ? -1 : fork();
        if (p != 0)
            _exit(0);
        AWAIT(getppid() != parent); /* nobody shares our pages any more */
    }
    while (wait(NULL) > 0 || errno == EINTR)
        ;
    show("generations first", m[0]);
    show("generations last", m[1]);
}

int main(int argc, char **argv)
{
    if (argc > 4 && !strcmp(argv[1], "--send")) {
        share(atoi(argv[4]));
        return send_to(atoi(argv[2]), atoi(argv[3]));
    }
    table = memfd_create("table", 0);
    CHECK(ftruncate(table, 4096) == 0);
    share(table);
    on_info(SIGUSR1, handler, SA_RESTART), on_info(SIGHUP, handler, 0);
    on_info(SIGRTMIN, handler, SA_RESTART), on_info(SIGRTMIN + 3, handler, 0);
    raise(SIGUSR1);
    signals("signals first", atoi(argv[1]) / 10);
    signals("signals last", atoi(argv[1]) / 10 * 9);
    forks("forks first", atoi(argv[2]) / 10);
    forks("forks last", atoi(argv[2]) / 10 * 9);
    generations(atoi(argv[3]));
    return 0;
}
