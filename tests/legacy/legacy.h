/* What the legacy programs share: counters in shared memory and a child that sends signals.
 *
 * Each program does some work until its handler has run TARGET times, checks its own data and says
 *     ok handled=N floor=F
 * with status 0, or says what went wrong with status 1; natively most of them hang or crash instead.
 * The sender is forked before the first handler is installed, so it stays a plain process; it dies with its
 * parent, sends a bounded number of signals and gives up after ten seconds.
 */
#ifndef LEGACY_H
#define LEGACY_H

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum pace {
    STORM, /* one signal after the other: what the handler breaks lies in libc */
    ACKED  /* the next only when the last was handled, as an operator would reload: for the program's own data,
            * where a second signal on the heels of the first says that the handler must not wait any longer */
};

struct counters {
    atomic_int go;
    atomic_int stop;
    atomic_uint handled;
    atomic_uint sent;
};

static struct counters *counters;
static pid_t sender;

static inline int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static inline void nap_us(long us)
{
    struct timespec t = { 0, us * 1000 };
    nanosleep(&t, NULL);
}

/* Work that makes no call and that the compiler cannot drop. */
static inline void spin_ns(int64_t ns)
{
    int64_t end = now_ns() + ns;
    while (now_ns() < end)
        ;
}

static inline void counters_open(void)
{
    counters = mmap(NULL, sizeof *counters, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (counters == MAP_FAILED)
        _exit(2);
}

static inline unsigned handled(void)
{
    return atomic_load(&counters->handled);
}

static inline void count_handled(void)
{
    atomic_fetch_add(&counters->handled, 1);
}

static inline void send_until_told(pid_t target, int signo, long gap_us, unsigned max, enum pace pace)
{
    int64_t end = now_ns() + 10000000000LL;

    while (!atomic_load(&counters->go) && now_ns() < end)
        nap_us(200);
    for (unsigned i = 0; i < max && now_ns() < end && !atomic_load(&counters->stop); i++) {
        atomic_fetch_add(&counters->sent, 1);
        if (kill(target, signo) != 0)
            break;
        nap_us(gap_us);
        while (pace == ACKED && handled() < atomic_load(&counters->sent) && !atomic_load(&counters->stop) &&
               now_ns() < end)
            nap_us(20);
    }
}

/* Fork the sender. It waits for sender_go(). */
static inline void sender_start(int signo, long gap_us, unsigned max, enum pace pace)
{
    pid_t self = getpid();

    counters_open();
    sender = fork();
    if (sender != 0)
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_TIMERSLACK, 1);
    if (getppid() == self)
        send_until_told(self, signo, gap_us, max, pace);
    _exit(0);
}

static inline void sender_go(void)
{
    atomic_store(&counters->go, 1);
}

static inline void sender_stop(void)
{
    atomic_store(&counters->stop, 1);
    while (sender > 0 && waitpid(sender, NULL, 0) < 0 && errno == EINTR)
        ;
}

static inline void catch_signal(int signo, void (*handler)(int), int flags)
{
    struct sigaction sa;

    memset(&sa, 0, sizeof sa);
    sa.sa_handler = handler;
    sa.sa_flags = flags;
    if (sigaction(signo, &sa, NULL) != 0)
        _exit(2);
}

/* The verdict; `broken` is NULL or what went wrong. */
static inline int verdict(const char *broken, unsigned floor_)
{
    sender_stop();
    if (broken) {
        dprintf(1, "broken: %s handled=%u\n", broken, handled());
        return 1;
    }
    dprintf(1, "ok handled=%u floor=%u\n", handled(), floor_);
    return handled() >= floor_ ? 0 : 1;
}

#endif
