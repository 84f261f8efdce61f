/* Case 27: another of the user's processes has used up RLIMIT_SIGPENDING. Natively kill(2), and timers that are there already,
 * arrive all the same, each once, with their siginfo_t. */
/* needs: root */
#include "common.h"
#include <grp.h>
#include <sys/resource.h>
#define ROUNDS 5
static volatile int n, odd;
static void handler(int sig, siginfo_t *si, void *uc)
{
    n++;
    odd += sig == SIGALRM ? si->si_code != SI_TIMER : si->si_code != SI_USER || si->si_pid == 0;
}

/* A child fills the queue and stays; it sends SIGUSR1 each time that it is asked to. */
static volatile int *asked;
static pid_t filler(void)
{
    pid_t me = getpid(), pid = child();
    if (pid == 0) {
        block(SIGRTMIN);
        while (sigqueue(getpid(), SIGRTMIN, (union sigval){0}) == 0)
            ;
        for (asked[1] = 1;; usleep(500))
            if (*asked) {
                *asked = 0;
                kill(me, SIGUSR1);
            }
    }
    return pid;
}

/* No call in between that a signal could wait for. */
static int allocate_until(int k)
{
    for (int64_t end = now_ms() + DEADLINE_MS; n < k && now_ms() < end;) {
        void *volatile p = malloc(100);
        free(p);
    }
    return n >= k;
}

enum how { COMPUTING, ALLOCATING, ASLEEP };
static int until(enum how how, int k)
{
    if (how == ALLOCATING)
        return allocate_until(k);
    return how == ASLEEP ? AWAIT(n >= k) : SPIN(n >= k);
}

static void one_each(const char *where, timer_t *timer, enum how how)
{
    const struct itimerspec soon = {{0, 0}, {0, 1000000}};
    int ok = 0;
    n = 0;
    for (int k = 1; k <= ROUNDS && ok == k - 1; k++) {
        if (timer)
            timer_settime(*timer, 0, &soon, NULL);
        else
            *asked = 1;
        ok += until(how, k);
    }
    usleep(20000);
    out("%s: each came %d, and once %d, whole %d\n", where, ok == ROUNDS, n == ok, !odd);
}

int main(void)
{
    struct rlimit r = {30, 30};
    uid_t user = 50000 + (uid_t)getpid() % 10000; /* not that of another run of this */
    struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    timer_t timer;
    asked = shared(64);
    CHECK(setresgid(user, user, user) == 0 && setresuid(user, user, user) == 0);
    CHECK(setrlimit(RLIMIT_SIGPENDING, &r) == 0);
    CHECK(timer_create(CLOCK_MONOTONIC, &e, &timer) == 0);
    pid_t pid = filler();
    CHECK(AWAIT(asked[1]));
    on_info(SIGUSR1, handler, SA_RESTART), on_info(SIGALRM, handler, SA_RESTART);
    one_each("computing", NULL, COMPUTING);
    one_each("a timer computing", &timer, COMPUTING);
    one_each("in malloc", NULL, ALLOCATING);
    one_each("a timer in malloc", &timer, ALLOCATING);
    one_each("asleep", NULL, ASLEEP);
    one_each("a timer asleep", &timer, ASLEEP);
    kill(pid, SIGKILL);
    reap(pid);
    return 0;
}
