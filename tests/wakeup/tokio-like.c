/* A socketpair of a process with several threads, both ends non-blocking; the handler sets a flag for the signal and
 * sends a byte; a thread of the runtime waits in an epoll, empties the socket and looks at the flags. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static int pair[2];
static atomic_int pending[65];

static void handler(int signo)
{
    atomic_store(&pending[signo], 1);
    send(pair[0], "\1", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void *runtime(void *arg)
{
    struct epoll_event ev = {.events = EPOLLIN | EPOLLET};
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    char buf[128];
    epoll_ctl(epoll, EPOLL_CTL_ADD, pair[1], &ev);
    if (write(1, "up\n", 3) != 3)
        _exit(1);
    for (;;) {
        if (epoll_wait(epoll, &ev, 1, -1) != 1)
            continue;
        while (recv(pair[1], buf, sizeof buf, 0) > 0)
            ;
        if (atomic_exchange(&pending[SIGHUP], 0) && write(1, "hup\n", 4) != 4)
            _exit(1);
    }
    return arg;
}

int main(void)
{
    struct sigaction act = {.sa_handler = handler, .sa_flags = SA_RESTART};
    pthread_t t;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair))
        return 1;
    sigaction(SIGHUP, &act, NULL);
    pthread_create(&t, NULL, runtime, NULL);
    pthread_join(t, NULL);
    return 0;
}
