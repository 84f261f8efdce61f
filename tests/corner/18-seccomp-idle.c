/* Case 18: one of two threads is under a filter that refuses to set timers; then all sleep, and nothing of the process runs. */
#include "common.h"
#include <dirent.h>
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

/* How often all threads of a process together have gone to sleep, and ticks of processor time that they have had. */
static long activity(pid_t pid)
{
    char path[96], line[512];
    long sum = 0;
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d));) {
        snprintf(path, sizeof path, "/proc/%d/task/%.20s/status", (int)pid, e->d_name);
        FILE *f = fopen(path, "r");
        long count;
        while (f && fgets(line, sizeof line, f))
            if (sscanf(line, "voluntary_ctxt_switches: %ld", &count) == 1)
                sum += count;
        if (f)
            fclose(f);
        snprintf(path, sizeof path, "/proc/%d/task/%.20s/stat", (int)pid, e->d_name);
        long user, system;
        if ((f = fopen(path, "r")) && fgets(line, sizeof line, f) && strrchr(line, ')') &&
            sscanf(strrchr(line, ')'), ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user, &system) == 2)
            sum += 10 * (user + system);
        if (f)
            fclose(f);
    }
    if (d)
        closedir(d);
    return sum;
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
        long before = activity(me);
        nanosleep(&longer, NULL);
        byte = activity(me) - before > 30;
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
