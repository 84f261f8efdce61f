/* Case 27: RLIMIT_SIGPENDING is used up now and then, by another of the user's processes. What was accepted for one thread arrives, in
 * order, also where its handler wants an alternate stack, which only the kernel can give. */
/* needs: root */
#include "common.h"
#include <grp.h>
#include <sys/resource.h>
#define MANY 1000
static volatile int n, odd;
static char stack[65536];
static void handler(int sig, siginfo_t *si, void *uc)
{
    odd += si->si_value.sival_int != n;
    n++;
}

/* Fills the user's queue, and empties it. */
static pid_t filler(void)
{
    pid_t pid = child();
    if (pid == 0) {
        sigset_t one;
        sigemptyset(&one), sigaddset(&one, SIGRTMIN);
        block(SIGRTMIN);
        for (;;) {
            while (sigqueue(getpid(), SIGRTMIN, (union sigval){0}) == 0)
                ;
            usleep(20);
            while (sigtimedwait(&one, NULL, &(struct timespec){0}) > 0)
                ;
        }
    }
    return pid;
}

static pid_t sender(void)
{
    pid_t parent = getpid(), pid = child();
    if (pid == 0) {
        for (int k = 0; k < MANY;) {
            siginfo_t info = {.si_code = SI_QUEUE};
            info.si_pid = getpid(), info.si_uid = getuid(), info.si_value.sival_int = k;
            if (syscall(SYS_rt_tgsigqueueinfo, parent, parent, SIGRTMIN + 1, &info) == 0)
                k++;
        }
        _exit(0);
    }
    return pid;
}

int main(void)
{
    struct rlimit r = {12, 12};
    uid_t user = 60000 + (uid_t)getpid() % 5000; /* not that of another run of this */
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    CHECK(setresgid(user, user, user) == 0 && setresuid(user, user, user) == 0);
    CHECK(setrlimit(RLIMIT_SIGPENDING, &r) == 0);
    CHECK(sigaltstack(&alternate, NULL) == 0);
    on_info(SIGRTMIN + 1, handler, SA_RESTART | SA_ONSTACK);
    pid_t fills = filler(), sends = sender();
    int64_t end = now_ms() + 3 * DEADLINE_MS;
    for (unsigned turn = 0; n < MANY && now_ms() < end; turn++) {
        for (int i = 0; i < 50; i++) {
            void *volatile p = malloc(100 + (size_t)i);
            free(p);
        }
        if (turn % 16 == 0)
            usleep(10);
    }
    out("arrived %d, in order %d\n", n == MANY, !odd);
    kill(fills, SIGKILL);
    reap(fills), reap(sends);
    return 0;
}
