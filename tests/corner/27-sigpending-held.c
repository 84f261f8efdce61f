/* Case 27: one that was accepted is handled, however long RLIMIT_SIGPENDING is used up from then on, and on the alternate stack that
 * its handler wants. */
/* needs: root */
/* modes: default interruption-point-auto interruption-point-direct safe-point-direct now-direct traced-direct */
#include "common.h"
#include <grp.h>
#include <sys/resource.h>
#define ROUNDS 300
static volatile int n, odd, elsewhere;
static volatile int *handled;
static char stack[65536];
static void handler(int sig, siginfo_t *si, void *uc)
{
    char here;
    odd += si->si_value.sival_int != n || si->si_code != SI_QUEUE || si->si_pid == 0 || si->si_errno != 0;
    elsewhere += &here < stack || &here >= stack + sizeof stack;
    *handled = ++n;
}

/* Sends one, uses up all the rest of the queue, and gives nothing back before it has been handled. */
static pid_t sender(void)
{
    pid_t parent = getpid(), pid = child();
    if (pid == 0) {
        sigset_t one;
        sigemptyset(&one), sigaddset(&one, SIGRTMIN);
        block(SIGRTMIN);
        for (int k = 0; k < ROUNDS; k++) {
            siginfo_t info = {.si_code = SI_QUEUE};
            info.si_pid = getpid(), info.si_uid = getuid(), info.si_value.sival_int = k;
            CHECK(syscall(SYS_rt_tgsigqueueinfo, parent, parent, SIGRTMIN + 1, &info) == 0);
            for (int64_t end = now_ms() + DEADLINE_MS; *handled <= k && now_ms() < end;)
                sigqueue(getpid(), SIGRTMIN, (union sigval){0});
            while (sigtimedwait(&one, NULL, &(struct timespec){0}) > 0)
                ;
        }
        _exit(0);
    }
    return pid;
}

int main(void)
{
    struct rlimit r = {12, 12};
    uid_t user = 65000 + (uid_t)getpid() % 5000; /* not that of another run of this */
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    handled = shared(64);
    CHECK(setresgid(user, user, user) == 0 && setresuid(user, user, user) == 0);
    CHECK(setrlimit(RLIMIT_SIGPENDING, &r) == 0);
    CHECK(sigaltstack(&alternate, NULL) == 0);
    on_info(SIGRTMIN + 1, handler, SA_RESTART | SA_ONSTACK);
    pid_t sends = sender();
    int64_t end = now_ms() + DEADLINE_MS;
    for (unsigned turn = 0; n < ROUNDS && now_ms() < end; turn++) {
        for (int i = 0; i < 50; i++) {
            void *volatile p = malloc(100 + (size_t)i);
            free(p);
        }
        if (turn % 16 == 0)
            usleep(10);
    }
    out("arrived %d, whole %d, on the alternate stack %d\n", n, !odd, !elsewhere);
    reap(sends);
    return 0;
}
