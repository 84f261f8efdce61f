/* Inside other event loops: select, poll, epoll (level and edge), an epoll in an epoll. One wake-up, then quiet. */
#include "client.h"
#include <sys/epoll.h>
#include <sys/select.h>

static int wait_for(int epoll, int ms)
{
    struct epoll_event ev;
    return epoll_wait(epoll, &ev, 1, ms);
}

int main(void)
{
    struct epoll_event level = {.events = EPOLLIN}, edge = {.events = EPOLLIN | EPOLLET};
    int fd = sigferry_pipe_init(0), in = epoll_create1(EPOLL_CLOEXEC), on_ = epoll_create1(EPOLL_CLOEXEC),
        sharp = epoll_create1(EPOLL_CLOEXEC);
    fd_set set;
    struct timeval tv = {0, 0};
    CHECK(fd >= 0 && sigferry_pipe_trap(SIGUSR1) == 0 && sigferry_pipe_trap(SIGRTMIN) == 0);
    CHECK(epoll_ctl(in, EPOLL_CTL_ADD, fd, &level) == 0);
    CHECK(epoll_ctl(on_, EPOLL_CTL_ADD, in, &level) == 0);
    CHECK(epoll_ctl(sharp, EPOLL_CTL_ADD, fd, &edge) == 0);
    for (int round = 0; round < 3; round++) {
        int by_thread = round == 1;
        CHECK(wait_for(in, 0) == 0 && wait_for(on_, 0) == 0 && wait_for(sharp, 0) == 0);
        if (by_thread)
            pthread_kill(pthread_self(), SIGUSR1);
        else
            kill(getpid(), SIGUSR1);
        CHECK(wait_for(on_, DEADLINE_MS) == 1 && wait_for(in, 0) == 1 && wait_for(sharp, DEADLINE_MS) == 1);
        FD_ZERO(&set);
        FD_SET(fd, &set);
        CHECK(select(fd + 1, &set, NULL, NULL, &tv) == 1 && FD_ISSET(fd, &set));
        CHECK(sigferry_pipe_read() == SIGUSR1 && quiet());
    }
    /* Asleep in the outer one, woken by another process. */
    pid_t p = kill_when_asleep(SIGRTMIN);
    CHECK(wait_for(on_, DEADLINE_MS) == 1 && sigferry_pipe_read() == SIGRTMIN && quiet());
    reap(p);
    CHECK(wait_for(on_, 0) == 0);
    CHECK(sigferry_pipe_finish() == 0);
    done();
}
