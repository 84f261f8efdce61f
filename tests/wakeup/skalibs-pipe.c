/* The same self-pipe as skalibs makes it where there is no signalfd: the number of the signal goes through a pipe. */
#include <poll.h>
#include <signal.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int pipes[2];

static void top(int signo)
{
    int e = errno;
    unsigned char c = (unsigned char)signo;
    while (write(pipes[1], &c, 1) < 0 && errno == EINTR)
        ;
    errno = e;
}

int main(void)
{
    struct sigaction act = {.sa_handler = top, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
    struct pollfd p = {0, POLLIN, 0};
    unsigned char c;
    if (pipe2(pipes, O_NONBLOCK | O_CLOEXEC))
        return 1;
    p.fd = pipes[0];
    sigfillset(&act.sa_mask);
    sigaction(SIGHUP, &act, NULL);
    if (write(1, "up\n", 3) != 3)
        return 1;
    for (;;) {
        poll(&p, 1, -1);
        while (read(pipes[0], &c, 1) == 1)
            if (c == SIGHUP && write(1, "hup\n", 4) != 4)
                return 1;
    }
}
