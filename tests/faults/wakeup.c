/* A self-pipe program: the handler writes one byte, the loop reads it. With an argument the handler calls malloc's
 * family as well from the Nth call on: out of the pattern, for good. Prints a line once it has had the signals. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static int fd[2];
static volatile int *calls, spoil; /* calls: shared with the sender, whose signals are not to merge */
static void *volatile keep; /* so that the compiler does not drop the pair */

static void handler(int signo)
{
    char c = (char)signo;
    ++*calls;
    if (spoil && *calls >= spoil)
        keep = malloc(100), free(keep);
    if (write(fd[1], &c, 1) != 1)
        _exit(3);
}

int main(int argc, char **argv)
{
    struct sigaction act = {.sa_handler = handler, .sa_flags = SA_RESTART};
    int wanted = 40, got = 0;
    char c[64];
    pid_t me = getpid(), p;

    spoil = argc > 1 ? atoi(argv[1]) : 0;
    calls = mmap(NULL, sizeof *calls, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (calls == MAP_FAILED || pipe2(fd, O_NONBLOCK))
        return 1;
    sigaction(SIGHUP, &act, NULL);
    p = fork();
    if (p == 0) {
        for (int i = 0; i < wanted; i++) {
            int naps = 0;
            kill(me, SIGHUP);
            usleep(5000);
            while (*calls <= i && naps++ < 8000)
                usleep(250);
        }
        _exit(0);
    }
    while (got < wanted) {
        struct pollfd q = {fd[0], POLLIN, 0};
        ssize_t n;
        if (poll(&q, 1, 3000) == 0)
            break;
        n = read(fd[0], c, sizeof c);
        got += n > 0 ? (int)n : 0;
    }
    printf("got %d\n", got);
    fflush(stdout);
    while (read(0, c, 1) < 0)
        ;
    return 0;
}
