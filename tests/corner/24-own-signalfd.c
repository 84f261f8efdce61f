/* Case 24: the program's own signalfd: poll, read, fields, several records, mask change, O_NONBLOCK, beside a
 * handler for the same signal in use before; with and without fork. */
#include "common.h"
#include <sys/signalfd.h>
static volatile int n;
static void handler(int sig) { n++; }
static void take(int fd)
{
    struct signalfd_siginfo f[8];
    ssize_t r = read(fd, f, sizeof f);
    if (r < 0) {
        out("read %s\n", strerrorname_np(errno));
        return;
    }
    for (size_t i = 0; i < (size_t)r / sizeof f[0]; i++)
        out("record signal %u code %d mine %d value %d\n", f[i].ssi_signo, f[i].ssi_code, f[i].ssi_pid == (uint32_t)getpid(),
            f[i].ssi_code == SI_QUEUE ? f[i].ssi_int : 0);
}
int main(void)
{
    sigset_t s = set_of(SIGUSR1, SIGRTMIN, SIGCHLD, 0), one = set_of(SIGUSR1, 0);
    on(SIGUSR1, handler, 0), on(SIGCHLD, handler, 0), on(SIGRTMIN, handler, SA_RESTART);
    raise(SIGUSR1);
    sigprocmask(SIG_BLOCK, &s, NULL);
    int fd = signalfd(-1, &s, SFD_CLOEXEC | SFD_NONBLOCK);
    take(fd);
    kill(getpid(), SIGUSR1);
    for (int k = 0; k < 3; k++)
        sigqueue(getpid(), SIGRTMIN, (union sigval){k + 5});
    take(fd);
    pid_t me = getpid(), tid = gettid_(), p = child();
    if (p == 0)
        _exit(!asleep(me, tid));
    struct pollfd pf = {fd, POLLIN, 0};
    out("poll %d\n", poll(&pf, 1, DEADLINE_MS));
    struct signalfd_siginfo f;
    CHECK(read(fd, &f, sizeof f) == sizeof f);
    out("child signal %u code %d right %d\n", f.ssi_signo, f.ssi_code, f.ssi_pid == (uint32_t)p);
    reap(p);
    CHECK(signalfd(fd, &one, 0) == fd);
    sigqueue(getpid(), SIGRTMIN, (union sigval){9});
    take(fd);
    raise(SIGUSR1);
    take(fd);
    fcntl(fd, F_SETFL, 0);
    p = kill_when_asleep(SIGUSR1);
    take(fd) /* blocks; the sender is another process */;
    reap(p);
    out("handled %d pending %d\n", n, !!my_pending());
    sigprocmask(SIG_UNBLOCK, &s, NULL);
    out("handled %d mask %llx\n", n, (unsigned long long)my_mask());
    return 0;
}
