/* Case 18: a seccomp filter that kills for every call which the program itself does not make: in the process that
 * caught the signal, in a child of it, in one thread beside others; by prctl and by seccomp(2); and one that the kernel
 * refuses, after which everything is as before. */
#include "common.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
static volatile sig_atomic_t n;
static volatile int *count;
static void handler(int sig)
{
    n++;
    __atomic_fetch_add(count, 1, __ATOMIC_SEQ_CST);
}
static const int allowed[] = {SYS_read, SYS_write, SYS_exit, SYS_exit_group, SYS_rt_sigreturn, SYS_futex, SYS_munmap, SYS_madvise};
static int lock(int by_seccomp, int valid)
{
    struct sock_filter f[2 + 2 * (sizeof allowed / sizeof *allowed)] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0)};
    size_t k = 1;
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
        f[k++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)allowed[i], 0, 1);
        f[k++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }
    f[k++] = (struct sock_filter)BPF_STMT(valid ? BPF_RET | BPF_K : 0xffff, SECCOMP_RET_KILL_PROCESS);
    struct sock_fprog p = {(unsigned short)k, f};
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    return by_seccomp ? (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &p) : prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p);
}
/* Handles three signals under the filter: one in a read, one while it computes, one in a read. */
static void work(int in, int result, int base)
{
    char c;
    CHECK(write(result, "r", 1) == 1);
    while (n < base + 1)
        ;
    CHECK(read(in, &c, 1) == 1);
    while (n < base + 2)
        ;
    CHECK(write(result, "d", 1) == 1);
}
static int in[2], result[2];
static void *thread(void *by)
{
    CHECK(lock(by != NULL, 1) == 0);
    work(in[0], result[1], 0);
    syscall(SYS_exit, 0);
    return NULL;
}
static void drive(pid_t p)
{
    char c;
    CHECK(read(result[0], &c, 1) == 1);
    int was = *count;
    kill(p, SIGUSR1);
    CHECK(AWAIT(*count == was + 1));
    CHECK(write(in[1], "x", 1) == 1);
    kill(p, SIGUSR1);
    CHECK(AWAIT(*count == was + 2));
    CHECK(read(result[0], &c, 1) == 1);
}
int main(void)
{
    char b[40];
    count = shared(64);
    CHECK(pipe(in) == 0 && pipe(result) == 0);
    for (int k = 0; k < 6; k++) {
        pid_t p = child();
        if (p == 0) {
            on(SIGUSR1, handler, SA_RESTART);
            raise(SIGUSR1);
            usleep(100);
            n = 0;
            if (k >= 4) { /* beside a main thread that takes the signal as well */
                pthread_t t;
                CHECK(pthread_create(&t, NULL, thread, k == 4 ? NULL : &n) == 0);
                while (n < 2)
                    usleep(1000);
                for (;;)
                    pause();
            }
            if (k >= 2) { /* a child that has not begun to listen yet */
                pid_t q = fork();
                if (q > 0) {
                    on(SIGUSR1, SIG_IGN, 0);
                    *(volatile pid_t *)(count + 1) = q;
                    int st;
                    while (waitpid(q, &st, 0) < 0)
                        ;
                    _exit(WIFEXITED(st) ? WEXITSTATUS(st) : 99);
                }
            }
            CHECK(lock(k & 1, 0) == -1 && errno == EINVAL);
            raise(SIGUSR1);
            CHECK(n == 1);
            CHECK(lock(k & 1, 1) == 0);
            work(in[0], result[1], 1);
            _exit(0);
        }
        pid_t target = p;
        if (k == 2 || k == 3) {
            CHECK(AWAIT(count[1] > 0));
            target = count[1];
            count[1] = 0;
        }
        drive(target);
        if (k >= 4)
            kill(p, SIGKILL);
        out("%d: %s\n", k, ended(reap(p), b));
    }
    return 0;
}
