/* Two libraries, each with an event loop of its own, and one program that waits for both: the descriptor sits in an epoll
 * that sits in another epoll. Prints what comes; SIGTERM ends it.
 *
 *   cc nested.c $(pkg-config --cflags --libs sigferry-client)
 */
#include <sigferry.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

/* What some library does: a loop of its own, of which it shows no more than a descriptor and a function to call. */
static int library_begin(void)
{
    struct epoll_event ev = {.events = EPOLLIN};
    int loop = epoll_create1(EPOLL_CLOEXEC), fd = sigferry_pipe_init(0);
    if (loop < 0 || fd < 0 || epoll_ctl(loop, EPOLL_CTL_ADD, fd, &ev) < 0)
        return -1;
    return sigferry_pipe_trap(SIGUSR1) < 0 || sigferry_pipe_trap(SIGTERM) < 0 ? -1 : loop;
}

static int library_dispatch(void)
{
    int signo;
    while ((signo = sigferry_pipe_read()) > 0) {
        printf("%s\n", strsignal(signo));
        if (signo == SIGTERM)
            return 0;
    }
    return 1;
}

int main(void)
{
    struct epoll_event ev = {.events = EPOLLIN};
    int outer = epoll_create1(EPOLL_CLOEXEC), library = library_begin(), input = 0;
    char line[64];
    if (library < 0)
        return 1;
    ev.data.fd = library;
    epoll_ctl(outer, EPOLL_CTL_ADD, library, &ev);
    ev.data.fd = input;
    epoll_ctl(outer, EPOLL_CTL_ADD, input, &ev);
    printf("process %d waits for input and signals\n", (int)getpid());
    for (int go_on = 1; go_on;) {
        fflush(stdout);
        if (epoll_wait(outer, &ev, 1, -1) < 1)
            continue;
        if (ev.data.fd == library) {
            go_on = library_dispatch();
        } else {
            ssize_t n = read(input, line, sizeof line);
            go_on = n > 0;
            printf("%zd bytes\n", n);
        }
    }
    return 0;
}
