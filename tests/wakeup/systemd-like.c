/* signalfd: blocked in main before anything else, one signalfd in an epoll beside other things, and a handler for the same
 * signal that must not run. */
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void never(int signo)
{
    (void)signo;
    _exit(3);
}

int main(void)
{
    struct epoll_event ev = {.events = EPOLLIN};
    int epoll = epoll_create1(EPOLL_CLOEXEC), fd;
    struct signalfd_siginfo info;
    sigset_t set;
    signal(SIGHUP, never);
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_SETMASK, &set, NULL);
    fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev);
    if (write(1, "up\n", 3) != 3)
        return 1;
    for (;;)
        if (epoll_wait(epoll, &ev, 1, -1) == 1)
            while (read(fd, &info, sizeof info) == sizeof info)
                if (info.ssi_signo == SIGHUP && write(1, "hup\n", 4) != 4)
                    return 1;
}
