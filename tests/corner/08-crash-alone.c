/* Case 8: a handler that is called once, for a fault, finds the program's own threads only: it may try out the memory, byte by byte,
 * before the process dies. Out of it by a jump, all is as it was. */
/* not: helper */
#include "common.h"
#include <dirent.h>
#include <setjmp.h>
static sigjmp_buf env;
static volatile int n, threads, jumps;
static void count(int sig) { n++; }

static int tasks(void)
{
    DIR *d = opendir("/proc/self/task");
    int many = -2; /* . and .. */
    while (d && readdir(d))
        many++;
    if (d)
        closedir(d);
    return many;
}

static void crash(int sig)
{
    threads = tasks();
    if (jumps)
        siglongjmp(env, 1);
    out("signal %d, threads %d, USR1 %d\n", sig, threads, n);
}

/* From outside, while it computes and then sleeps. */
static void usr1(void)
{
    int was = n;
    pid_t me = getpid(), pid = child();
    if (pid == 0) {
        kill(me, SIGUSR1);
        _exit(0);
    }
    out("USR1 comes %d\n", AWAIT(n > was));
    reap(pid);
}

int main(void)
{
    static const int faults[] = {SIGSEGV, SIGABRT};
    on(SIGUSR1, count, SA_RESTART);
    usr1();
    for (int i = 0; i < 2; i++) {
        on(faults[i], crash, SA_RESETHAND | SA_NODEFER);
        jumps = 1;
        if (sigsetjmp(env, 1) == 0) {
            if (i)
                abort();
            else
                *(volatile int *)16 = 1;
        }
        out("signal %d, threads %d\n", faults[i], threads);
        usr1();
    }
    jumps = 0;
    on(SIGSEGV, crash, SA_RESETHAND | SA_NODEFER);
    *(volatile int *)16 = 1; /* again and again, until it is fatal */
    return 0;
}
