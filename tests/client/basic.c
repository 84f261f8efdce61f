/* Init, trap, read with all fields, untrap, finish: dispositions and masks as before. */
#include "client.h"
#include <sys/syscall.h>

#define RESTORER 0x04000000 /* libc shows its own business here, once set */

static void handler(int signo) { (void)signo; }

static void of_child(void)
{
    siginfo_t info;
    pid_t p = child();
    if (p == 0)
        _exit(42);
    CHECK(next_info(&info) == SIGCHLD);
    CHECK(info.si_code == CLD_EXITED && info.si_pid == p && info.si_status == 42);
    reap(p);
    CHECK(quiet());
}

static void by_set(void)
{
    /* The set: SIGTERM stays, the others go, SIGHUP comes. Those that cannot be trapped are passed over. */
    sigset_t set = set_of(SIGTERM, SIGHUP, SIGKILL, SIGSTOP, 0);
    CHECK(sigferry_pipe_trapset(&set) == 0);
    raise(SIGHUP);
    CHECK(next() == SIGHUP);
    kill(getpid(), SIGTERM);
    CHECK(next() == SIGTERM);
    kill(getpid(), SIGUSR2); /* ignored again */
    CHECK(quiet());
    sigfillset(&set);
    CHECK(sigferry_pipe_trapset(&set) == 0);
    kill(getpid(), SIGSEGV);
    CHECK(next() == SIGSEGV);
    kill(getpid(), SIGALRM);
    CHECK(sigferry_ferried() || next() == SIGALRM); /* there it is blocked, and has a handler to go to */
}

int main(void)
{
    struct sigaction before[65], after;
    siginfo_t info;
    uint64_t mask;
    int fd;

    signal(SIGUSR2, SIG_IGN);
    on(SIGALRM, handler, SA_NODEFER);
    block(SIGALRM);
    for (int s = 1; s < 65; s++)
        sigaction(s, NULL, &before[s]);
    mask = my_mask();

    errno = 0;
    fd = sigferry_pipe_init(0);
    CHECK(fd >= 0 && errno == 0);
    CHECK(fd == sigferry_pipe_fd());
    CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
    CHECK(quiet());
    CHECK(sigferry_pipe_trap(SIGTERM) == 0 && sigferry_pipe_trap(SIGTERM) == 0);
    CHECK(sigferry_pipe_trap(SIGCHLD) == 0 && sigferry_pipe_trap(SIGUSR2) == 0 && sigferry_pipe_trap(SIGRTMIN) == 0);
    CHECK(errno == 0);

    kill(getpid(), SIGTERM);
    CHECK(readable());
    CHECK(next_info(&info) == SIGTERM);
    CHECK(info.si_signo == SIGTERM && info.si_code == SI_USER && info.si_pid == getpid() && info.si_uid == getuid());
    CHECK(quiet());

    /* Ignored before, so natively the kernel would drop it. */
    kill(getpid(), SIGUSR2);
    CHECK(next() == SIGUSR2);

    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_ptr = (void *)0x123456789abcdef0});
    CHECK(next_info(&info) == SIGRTMIN && info.si_code == SI_QUEUE && info.si_ptr == (void *)0x123456789abcdef0);

    of_child();
    by_set();
    CHECK(sigferry_pipe_untrap(SIGHUP) == 0 && sigferry_pipe_untrap(SIGHUP) == 0);
    CHECK(sigferry_pipe_finish() == 0);
    CHECK(fcntl(fd, F_GETFD) < 0 && errno == EBADF);
    CHECK(my_mask() == mask);
    for (int s = 1; s < 65; s++) {
        if (sigaction(s, NULL, &after) != 0)
            continue;
        if (after.sa_handler != before[s].sa_handler || (after.sa_flags | RESTORER) != (before[s].sa_flags | RESTORER) ||
            bits(&after.sa_mask) != bits(&before[s].sa_mask))
            out("FAIL: disposition of %d\n", s);
    }
    CHECK((fd = sigferry_pipe_init(0)) >= 0); /* again */
    CHECK(sigferry_pipe_trap(SIGUSR1) == 0 && raise(SIGUSR1) == 0 && next() == SIGUSR1);
    CHECK(sigferry_pipe_finish() == 0);
    done();
}
