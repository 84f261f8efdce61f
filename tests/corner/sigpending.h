/* Where a user may have few signals queued: real-time signals for one thread, and another process that uses up the queue. */
#include "common.h"
#include <grp.h>
#include <sys/resource.h>
static volatile int n; /* handled */

/* As user `base` and something, which is not that of another run: no more than 12 signals queued, and the handler on the
 * alternate stack. */
static void with_few_queued(uid_t base, char *stack, size_t size, void (*handler)(int, siginfo_t *, void *))
{
    struct rlimit r = {12, 12};
    uid_t user = base + (uid_t)getpid() % 5000;
    stack_t alternate = {.ss_sp = stack, .ss_size = size};
    CHECK(setresgid(user, user, user) == 0 && setresuid(user, user, user) == 0);
    CHECK(setrlimit(RLIMIT_SIGPENDING, &r) == 0);
    CHECK(sigaltstack(&alternate, NULL) == 0);
    on_info(SIGRTMIN + 1, handler, SA_RESTART | SA_ONSTACK);
}

/* Number k, for the main thread of `pid`. 0, or -1 with errno EAGAIN: the queue is full. */
static int send_number(pid_t pid, int k)
{
    siginfo_t info = {.si_code = SI_QUEUE};
    info.si_pid = getpid(), info.si_uid = getuid(), info.si_value.sival_int = k;
    return (int)syscall(SYS_rt_tgsigqueueinfo, pid, pid, SIGRTMIN + 1, &info);
}

/* One more of those that the caller blocks, and takes out again. */
static int fill(void) { return sigqueue(getpid(), SIGRTMIN, (union sigval){0}); }
static void drain(void)
{
    sigset_t one;
    sigemptyset(&one), sigaddset(&one, SIGRTMIN);
    while (sigtimedwait(&one, NULL, &(struct timespec){0}) > 0)
        ;
}

/* Mostly in malloc and free, where a signal has to wait, until so many were handled. */
static void allocate_until(int many, int64_t end)
{
    for (unsigned turn = 0; n < many && now_ms() < end; turn++) {
        for (int i = 0; i < 50; i++) {
            void *volatile p = malloc(100 + (size_t)i);
            free(p);
        }
        if (turn % 16 == 0)
            usleep(10);
    }
}
