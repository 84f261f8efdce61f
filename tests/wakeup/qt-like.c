/* As the documentation of Qt shows it: a socketpair, a handler that writes into one end, a notifier that disables itself
 * while it reads the other. */
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

static int pair[2];

static void handler(int signo)
{
    char a = 1;
    (void)signo;
    if (write(pair[0], &a, sizeof a) != sizeof a)
        _exit(2);
}

int main(void)
{
    struct sigaction act = {.sa_handler = handler, .sa_flags = SA_RESTART};
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
        return 1;
    sigaction(SIGHUP, &act, NULL);
    if (write(1, "up\n", 3) != 3)
        return 1;
    for (;;) {
        struct pollfd p = {pair[1], POLLIN, 0};
        char a;
        if (poll(&p, 1, -1) == 1 && read(pair[1], &a, sizeof a) == sizeof a && write(1, "hup\n", 4) != 4)
            return 1;
    }
}
