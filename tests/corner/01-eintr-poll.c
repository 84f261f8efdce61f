/* Case 1: poll, ppoll, select, pselect, epoll_wait, epoll_pwait: EINTR with SA_RESTART, too. */
#include "eintr.h"
#include <sys/epoll.h>
#include <sys/select.h>
static int fd[2], ep;
static void before(void)
{
    struct epoll_event e = {.events = EPOLLIN};
    if (pipe(fd) || (ep = epoll_create1(0)) < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, fd[0], &e))
        _exit(9);
}
static long do_poll(void) { struct pollfd p = {fd[0], POLLIN, 0}; return poll(&p, 1, 15000); }
static long do_ppoll(void)
{
    struct pollfd p = {fd[0], POLLIN, 0};
    struct timespec t = {15, 0};
    return ppoll(&p, 1, &t, NULL);
}
static long do_select(void)
{
    fd_set r;
    struct timeval t = {15, 0};
    FD_ZERO(&r);
    FD_SET(fd[0], &r);
    return select(fd[0] + 1, &r, NULL, NULL, &t);
}
static long do_pselect(void)
{
    fd_set r;
    FD_ZERO(&r);
    FD_SET(fd[0], &r);
    return pselect(fd[0] + 1, &r, NULL, NULL, NULL, NULL);
}
static long do_epoll_wait(void) { struct epoll_event e; return epoll_wait(ep, &e, 1, 15000); }
static long do_epoll_pwait(void) { struct epoll_event e; return epoll_pwait(ep, &e, 1, -1, NULL); }
int main(void)
{
    static const struct blocking_call calls[] = {
        {"poll", do_poll, NULL, before}, {"ppoll", do_ppoll, NULL, before}, {"select", do_select, NULL, before},
        {"pselect", do_pselect, NULL, before}, {"epoll_wait", do_epoll_wait, NULL, before},
        {"epoll_pwait", do_epoll_pwait, NULL, before}};
    EINTR_TABLE(calls);
    return 0;
}
