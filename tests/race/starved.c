/* A program that hardly gets a processor, and polls in each of its rounds: a handler is to run in the poll alone.
 *
 *   starved SIGNALS
 *
 * It shares one processor with a child that computes, at the lowest priority: between two of its turns there is a fifth of a
 * second. The update of `total` is what a handler that comes anywhere else falls into.
 *
 * Output: "handled N torn M". Natively most are torn. */
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile struct {
    uint64_t lo, hi; /* always the same number, but within a round */
} total;
static volatile sig_atomic_t handled, torn;

static void on_signal(int signo)
{
    (void)signo;
    handled++;
    torn += total.lo != total.hi;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static pid_t child(void)
{
    pid_t pid = fork();
    if (pid == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    return pid;
}

/* On the caller's processor from now on: of the two the child has nearly all of it. */
static pid_t starve(void)
{
    cpu_set_t here;
    pid_t hog;
    CPU_ZERO(&here);
    CPU_SET((unsigned)sched_getcpu(), &here);
    if (sched_setaffinity(0, sizeof here, &here))
        exit(3);
    hog = child();
    if (hog == 0)
        for (;;)
            ;
    if (hog < 0 || setpriority(PRIO_PROCESS, 0, 19))
        exit(3);
    return hog;
}

struct shared {
    volatile int go, handled;
};

/* Another one is sent when the last was handled. */
static pid_t send_all(int n, const struct shared *shared)
{
    pid_t target = getpid(), pid = child();
    if (pid)
        return pid;
    while (!shared->go)
        usleep(500);
    for (int i = 0; i < n; i++) {
        usleep(3000 + 700 * ((unsigned)i % 10));
        kill(target, SIGUSR1);
        while (shared->handled <= i)
            usleep(500);
    }
    _exit(0);
}

/* Most of its time lies between the two stores. */
static void update(void)
{
    total.lo++;
    for (volatile int i = 0; i < 20; i++)
        ;
    total.hi++;
}

int main(int argc, char **argv)
{
    int n = argc > 1 ? atoi(argv[1]) : 10;
    struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct sigaction act = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    double end = seconds() + 50;
    pid_t sender, hog;

    if (shared == MAP_FAILED || (sender = send_all(n, shared)) < 0)
        return 3;
    sigaction(SIGUSR1, &act, NULL);
    poll(NULL, 0, 1); /* what watches beside us starts now, and is not to be starved */
    hog = starve();
    shared->go = 1;
    while (handled < n && seconds() < end) {
        for (int i = 0; i < 1000; i++)
            update();
        poll(NULL, 0, 0);
        shared->handled = handled;
    }
    kill(hog, SIGKILL);
    kill(sender, SIGKILL);
    while (wait(NULL) > 0)
        ;
    printf("handled %d torn %d\n", (int)handled, (int)torn);
    return 0;
}
