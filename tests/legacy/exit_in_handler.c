/* A SIGTERM handler that calls exit(), whose atexit function writes a last log line with the time of day. The
 * signal finds the program in localtime more often than not, and exit() never comes to its end.
 * Each round is a server of its own; the parent tells it to stop and expects the last line and status 0. */
#include <poll.h>

#include "legacy.h"

#define ROUNDS 15

static int log_fd;

static void last_line(void)
{
    time_t t = time(NULL);
    char text[64];
    size_t n = strftime(text, sizeof text, "stopped at %H:%M:%S\n", localtime(&t));

    if (write(log_fd, text, n) != (ssize_t)n)
        _exit(3);
}

static void on_term(int signo)
{
    exit(0);
}

static void serve(int fd)
{
    char text[64];

    log_fd = fd;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    atexit(last_line);
    catch_signal(SIGTERM, on_term, SA_RESTART);
    if (write(fd, "r", 1) != 1)
        _exit(3);
    for (;;) {
        time_t t = time(NULL);
        for (int i = 0; i < 100; i++)
            strftime(text, sizeof text, "%H:%M:%S", localtime(&t));
        poll(NULL, 0, 0);
    }
}

/* 0: stopped as it should. */
static int one_round(unsigned round)
{
    int fd[2], status = -1;
    char text[64] = "";
    struct pollfd p;

    if (pipe(fd) != 0)
        return -1;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(fd[0]);
        serve(fd[1]);
    }
    close(fd[1]);
    p = (struct pollfd){ .fd = fd[0], .events = POLLIN };
    if (poll(&p, 1, 5000) != 1 || read(fd[0], text, 1) != 1)
        return -1;
    nap_us(500 + 137 * round);
    kill(pid, SIGTERM);
    if (poll(&p, 1, 1500) != 1 || read(fd[0], text, sizeof text - 1) <= 0)
        kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    close(fd[0]);
    return status == 0 && strncmp(text, "stopped at ", 11) == 0 ? 0 : -1;
}

int main(void)
{
    counters_open();
    setenv("TZ", "Europe/Berlin", 1);
    for (unsigned i = 0; i < ROUNDS; i++) {
        if (one_round(i) != 0)
            return verdict("a server did not stop, or without its last line", ROUNDS);
        count_handled();
    }
    return verdict(NULL, ROUNDS);
}
