/* What a process shares with its child and with its own past, as kcmp(2) tells it: a checkpoint goes by that. And what it has
 * done to a semaphore is undone when it ends, not sooner. */
#include "../corner/common.h"
#include <linux/kcmp.h>
#include <sys/sem.h>
static volatile int n;
static void handler(int sig) { n++; }
static void compare(const char *when, pid_t other)
{
    static const struct {
        const char *name;
        int type;
    } kinds[] = {{"vm", KCMP_VM}, {"files", KCMP_FILES}, {"fs", KCMP_FS}, {"sighand", KCMP_SIGHAND}, {"io", KCMP_IO},
                 {"sysvsem", KCMP_SYSVSEM}};
    for (unsigned k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        long r = syscall(SYS_kcmp, getpid(), other, kinds[k].type, 0, 0);
        out("%s: %s %s\n", when, kinds[k].name, r < 0 ? strerrorname_np(errno) : r ? "differs" : "same");
    }
}
static void with_child(const char *when)
{
    pid_t p = child();
    if (p == 0)
        for (;;)
            pause();
    compare(when, p);
    kill(p, SIGKILL);
    reap(p);
}
static void one(void)
{
    int at = n;
    pid_t p = kill_when_asleep(SIGUSR1);
    while (n == at)
        pause();
    reap(p);
}
int main(void)
{
    struct sembuf up = {0, 1, SEM_UNDO};
    char b[40];
    if (syscall(SYS_kcmp, getpid(), getpid(), KCMP_VM, 0, 0) != 0)
        SKIP("no kcmp");
    with_child("before");
    on(SIGUSR1, handler, 0);
    one();
    compare("itself", getpid());
    with_child("after");
    int id = semget(IPC_PRIVATE, 1, 0600);
    CHECK(id >= 0 && semctl(id, 0, SETVAL, 0) == 0);
    pid_t p = child();
    if (p == 0) {
        one();
        CHECK(semop(id, &up, 1) == 0);
        n = 0;
        one();
        out("while it lives: %d\n", semctl(id, 0, GETVAL));
        _exit(0);
    }
    out("%s, then %d\n", ended(reap(p), b), semctl(id, 0, GETVAL));
    semctl(id, 0, IPC_RMID);
    return 0;
}
