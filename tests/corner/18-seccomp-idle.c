/* Case 18: one of two threads is under a filter that refuses to set timers; then all sleep, and nothing of the process runs. */
#include "activity.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
static volatile int n, filtered;
static int go[2];
static void handler(int sig) { n++; }

static void *sandboxed(void *unused)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_timer_settime, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof code / sizeof code[0], code};
    char byte;
    CHECK(read(go[0], &byte, 1) == 1);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
        filtered = -1;
    else
        filtered = 1;
    while (read(go[0], &byte, 1) == 1) /* until the end */
        ;
    return NULL;
}

int main(void)
{
    int told[2];
    char byte = 0;
    pid_t me = getpid(), p;
    pthread_t t;
    CHECK(pipe(go) == 0 && pipe(told) == 0);
    on(SIGUSR1, handler, SA_RESTART);
    CHECK(pthread_create(&t, NULL, sandboxed, NULL) == 0);
    for (int i = 1; i <= 20; i++) {
        reap(kill_when_asleep(SIGUSR1));
        CHECK(n == i);
    }
    CHECK(write(go[1], &byte, 1) == 1);
    CHECK(AWAIT(filtered));
    if (filtered < 0)
        SKIP("no seccomp");
    p = child();
    if (p == 0) {
        struct timespec nap = {0, 100000000}, longer = {0, 400000000};
        asleep(me, me);
        nanosleep(&nap, NULL);
        long before = activity(me, 0);
        nanosleep(&longer, NULL);
        byte = activity(me, 0) - before > 30;
        _exit(write(told[1], &byte, 1) == 1 ? 0 : 1);
    }
    CHECK(read(told[0], &byte, 1) == 1);
    out("%s\n", byte ? "busy" : "idle");
    reap(p);
    p = kill_when_asleep(SIGUSR1);
    CHECK(AWAIT(n == 21));
    reap(p);
    out("handled %d\n", n);
    _exit(0);
}
