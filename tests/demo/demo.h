/* What the demo's programs share. Each is a small daemon of the old school; a child of it is the "operator" who
 * sends it signals, and dies with it. */
#ifndef DEMO_H
#define DEMO_H

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static atomic_uint *handled; /* in shared memory: how often the handler came to its end */

static inline void nap_us(long us)
{
    struct timespec t = { 0, us * 1000 };
    nanosleep(&t, NULL);
}

static inline void spin_us(long us)
{
    struct timespec t;
    long end;

    clock_gettime(CLOCK_MONOTONIC, &t);
    end = t.tv_sec * 1000000 + t.tv_nsec / 1000 + us;
    do
        clock_gettime(CLOCK_MONOTONIC, &t);
    while (t.tv_sec * 1000000 + t.tv_nsec / 1000 < end);
}

/* Send `count` signals, each as soon as the one before was handled. To be called before the handler is
 * installed; `gate` holds the operator back until then. */
static inline void operator_start(int signo, unsigned count, atomic_int **gate)
{
    pid_t daemon_pid = getpid();
    char *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (shared == MAP_FAILED)
        _exit(2);
    handled = (atomic_uint *)shared;
    *gate = (atomic_int *)(shared + 64);
    if (fork() != 0)
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (!atomic_load(*gate) && getppid() == daemon_pid)
        nap_us(200);
    for (unsigned i = 0; i < count && getppid() == daemon_pid; i++) {
        kill(daemon_pid, signo);
        do
            nap_us(100);
        while (atomic_load(handled) <= i && getppid() == daemon_pid);
    }
    _exit(0);
}

static inline void catch_signal(int signo, void (*handler)(int))
{
    struct sigaction sa;

    memset(&sa, 0, sizeof sa);
    sa.sa_handler = handler;
    sigaction(signo, &sa, NULL);
}

#endif
