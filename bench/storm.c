/* Queued real-time signals from another process, as fast as it can send them: signals per second, from the first
 * one sent to the last one handled. All must come, in order. */
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "bench.h"

struct shared {
    atomic_llong begin;
    atomic_int go;
};

static struct shared *shared;
static volatile long handled, disorder;

static void on_signal(int signo, siginfo_t *info, void *context)
{
    if (info->si_value.sival_int != handled)
        disorder++;
    handled++;
}

static void send_all(pid_t target, long n)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (!atomic_load(&shared->go))
        nap_us(1000);
    atomic_store(&shared->begin, now_ns());
    for (long i = 0; i < n; i++) {
        union sigval v = { .sival_int = (int)i };
        while (sigqueue(target, SIGRTMIN, v) != 0) {
            if (errno != EAGAIN)
                _exit(1);
            nap_us(50);
        }
    }
    _exit(0);
}

int main(int argc, char **argv)
{
    long n = count_argument(argc, argv, 100000);
    struct rlimit limit = { (rlim_t)n * 2 + 1000, (rlim_t)n * 2 + 1000 };
    int64_t end = now_ns() + 60000000000LL;

    setrlimit(RLIMIT_SIGPENDING, &limit); /* refused without privileges; the sender then waits for room */
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return 2;
    pid_t self = getpid(), sender = fork();
    if (sender == 0)
        send_all(self, n);
    catch_signal(SIGRTMIN, on_signal);
    atomic_store(&shared->go, 1);
    while (handled < n && now_ns() < end)
        nap_us(200);
    int64_t took = now_ns() - atomic_load(&shared->begin);
    kill(sender, SIGKILL);
    waitpid(sender, NULL, 0);
    if (handled != n || disorder) {
        fprintf(stderr, "%ld of %ld signals, %ld out of order\n", handled, n, disorder);
        return 1;
    }
    printf("%.0f\n", n * 1e9 / took);
    return 0;
}
