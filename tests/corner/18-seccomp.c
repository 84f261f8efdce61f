/* Case 18: a seccomp filter installed later that denies clone, signalfd and epoll, and one that allows them. */
#include "common.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
static volatile sig_atomic_t n;
static void handler(int sig) { n++; }
static int deny(void)
{
    struct sock_filter f[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 4, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_signalfd4, 2, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_epoll_create1, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)};
    struct sock_fprog p = {sizeof f / sizeof *f, f};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p);
}
int main(void)
{
    volatile int *ready = shared(8192);
    char b[40];
    for (int k = 0; k < 2; k++) {
        pid_t p = child();
        if (p == 0) {
            if (k == 0)
                CHECK(deny() == 0);
            on(SIGUSR1, handler, SA_RESTART);
            raise(SIGUSR1);
            usleep(100);
            if (k == 1)
                CHECK(deny() == 0);
            ready[k] = 1;
            while (n < 2)
                usleep(1000);
            out("handled %d fork %d\n", (int)n, fork() < 0);
            _exit(0);
        }
        CHECK(AWAIT(ready[k]));
        kill(p, SIGUSR1);
        out("%s\n", ended(reap(p), b));
    }
    return 0;
}
