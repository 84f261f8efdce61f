/* What a program gives up, every thread in its process gives up: ids, groups, capabilities, no_new_privs, and the calls that
 * a seccomp filter takes (of which a thread of ours may want one, or not); by name and by number. Signals go on. */
/* needs: root */
#include "../corner/common.h"
#include <dirent.h>
#include <grp.h>
#include <sys/fsuid.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
static volatile int n;
static void handler(int sig) { n++; }

/* The lines of a task's status that matter, as text. */
static void read_task(const char *tid, char *to, size_t size)
{
    static const char *const keys[] = {"Uid:", "Gid:", "Groups:", "CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:",
                                       "NoNewPrivs:", "Seccomp:"};
    char path[300], line[300];
    size_t at = 0;
    snprintf(path, sizeof path, "/proc/self/task/%s/status", tid);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        for (unsigned k = 0; k < sizeof keys / sizeof *keys; k++)
            if (!strncmp(line, keys[k], strlen(keys[k])))
                at += (size_t)snprintf(to + at, size - at, "%s", line);
    if (f)
        fclose(f);
}
static int differing(void)
{
    char first[2000] = "", other[2000];
    struct dirent *e;
    int bad = 0;
    DIR *d = opendir("/proc/self/task");
    while (d && (e = readdir(d)))
        if (e->d_name[0] != '.') {
            other[0] = 0;
            read_task(e->d_name, other, sizeof other);
            if (!first[0])
                strcpy(first, other);
            bad += strcmp(first, other) != 0;
        }
    if (d)
        closedir(d);
    return bad;
}
static void no_caps(void)
{
    struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct d[2] = {{0, 0, 0}, {0, 0, 0}};
    CHECK(syscall(SYS_capset, &h, d) == 0);
}
/* Without the call `nr`. */
static const struct sock_fprog *filter(unsigned nr)
{
    static struct sock_filter f[4];
    static struct sock_fprog p = {4, f};
    struct sock_filter g[4] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
                               BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    memcpy(f, g, sizeof f);
    return &p;
}
static void give_up(int what)
{
    switch (what) {
    case 0: CHECK(setgroups(0, NULL) == 0 && setgid(1234) == 0 && setuid(1234) == 0); break;
    case 1: CHECK(setresgid(5, 6, 7) == 0 && setresuid(8, 9, 10) == 0); break;
    case 2: CHECK(seteuid(77) == 0); break;
    case 3: CHECK(syscall(SYS_setgroups, 0, NULL) == 0 && syscall(SYS_setresgid, 1, 1, 1) == 0 && syscall(SYS_setuid, 1234) == 0); break;
    case 4: no_caps(); break;
    case 5: CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0); break;
    case 6: CHECK(prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN, 0, 0, 0) == 0); break;
    case 7: CHECK(syscall(SYS_prctl, PR_SET_SECUREBITS, 1 << 0, 0, 0, 0) == 0); break;
    case 8: CHECK(setfsuid(99) == 0); break;
    case 9: CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter(SYS_reboot)) == 0); break;
    case 10: CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, filter(SYS_reboot)) == 0); break;
    case 11: CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter(SYS_signalfd4)) == 0); break;
    case 12: CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, filter(SYS_reboot)) == 0); break;
    case 13: CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL) == -1); break; /* all is as before */
    }
}
int main(void)
{
    char b[40];
    for (int what = 0; what < 14; what++) {
        pid_t pid = child();
        if (pid == 0) {
            pid_t me = getpid(), p;
            prctl(PR_SET_DUMPABLE, 1);
            on(SIGUSR1, handler, 0);
            p = kill_when_asleep(SIGUSR1);
            pause();
            reap(p);
            int before = differing();
            give_up(what);
            prctl(PR_SET_DUMPABLE, 1);
            out("%d: before %d after %d\n", what, before, differing());
            p = child();
            if (p == 0)
                _exit(kill(me, SIGUSR1) ? errno : 0);
            CHECK(AWAIT(n == 2));
            CHECK(reap(p) == 0);
            _exit(differing());
        }
        out("%s\n", ended(reap(pid), b));
    }
    return 0;
}
