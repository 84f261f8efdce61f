/* Threads made by raw clone, without a thread pointer of their own: signals aimed at them and at the process run their
 * handlers, in the thread where they would natively. */
#include "../corner/common.h"
#include <sched.h>
#include <sys/syscall.h>
static volatile int ready, stop, there, elsewhere, here, raw_tid;
static volatile pid_t main_tid;
static long call(long nr, long a, long b, long c) /* no libc in there */
{
    long r;
    __asm__ volatile("syscall" : "=a"(r) : "a"(nr), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return r;
}
static void handler(int sig)
{
    int tid = (int)call(SYS_gettid, 0, 0, 0);
    if (tid == raw_tid)
        there++;
    else if (tid == main_tid)
        here++;
    else
        elsewhere++;
}
static int body(void *arg)
{
    raw_tid = (int)call(SYS_gettid, 0, 0, 0);
    ready = 1;
    while (!stop)
        __asm__ volatile("pause");
    call(SYS_exit, 0, 0, 0);
    return 0;
}
int main(void)
{
    static char stack[131072] __attribute__((aligned(16)));
    static volatile int gone;
    main_tid = gettid_();
    on(SIGUSR1, handler, SA_RESTART), on(SIGUSR2, handler, SA_RESTART);
    raise(SIGUSR2);
    here = 0;
    gone = 1;
    CHECK(clone(body, stack + sizeof stack, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
                CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID, NULL, NULL, NULL, &gone) > 0);
    CHECK(AWAIT(ready));
    for (int k = 1; k <= 20; k++) {
        CHECK(syscall(SYS_tgkill, getpid(), raw_tid, SIGUSR1) == 0);
        CHECK(AWAIT(there == k));
    }
    for (int k = 1; k <= 20; k++) {
        CHECK(kill(getpid(), SIGUSR2) == 0);
        CHECK(AWAIT(here == k));
    }
    void *p = malloc(100);
    free(p);
    stop = 1;
    CHECK(AWAIT(!gone));
    raise(SIGUSR2);
    out("there %d here %d elsewhere %d\n", there, here, elsewhere);
    return 0;
}
