/* A process idles in epoll_wait; another sends it a signal and rests in between. One line for each signal: from
 * just before kill() to the handler's first instruction. */
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "bench.h"

struct shared {
    atomic_llong sent_at;
    atomic_long handled;
    atomic_int go;
};

static struct shared *shared;
static int64_t *samples;
static long wanted;

static void on_signal(int signo, siginfo_t *info, void *context)
{
    int64_t t = now_ns();
    long i = atomic_load(&shared->handled);

    if (i < wanted)
        samples[i] = t - atomic_load(&shared->sent_at);
    atomic_store(&shared->handled, i + 1);
}

static void send_all(pid_t target)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_TIMERSLACK, 1);
    while (!atomic_load(&shared->go))
        nap_us(1000);
    for (long i = 0; i < wanted && getppid() == target; i++) {
        nap_us(1000);
        atomic_store(&shared->sent_at, now_ns());
        kill(target, SIGUSR1);
        for (int turn = 0; turn < 2000 && atomic_load(&shared->handled) <= i; turn++)
            nap_us(500);
    }
    _exit(0);
}

int main(int argc, char **argv)
{
    struct epoll_event event;

    wanted = count_argument(argc, argv, 500);
    samples = calloc((size_t)wanted, sizeof *samples);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!samples || shared == MAP_FAILED)
        return 2;
    pid_t self = getpid(), sender = fork(); /* before anything is caught: it stays a plain process */
    if (sender == 0)
        send_all(self);
    catch_signal(SIGUSR1, on_signal);
    int fd = epoll_create1(0);
    atomic_store(&shared->go, 1);
    while (atomic_load(&shared->handled) < wanted)
        if (epoll_wait(fd, &event, 1, 3000) == 0)
            return 1; /* a signal was lost */
    waitpid(sender, NULL, 0);
    for (long i = 0; i < wanted; i++)
        printf("%lld\n", (long long)samples[i]);
    return 0;
}
