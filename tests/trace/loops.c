/* loops calls: does nothing but calls about signals, until TERM.
 * loops slow: its handler of USR1 waits for the end of standard input; ends after nine of them.
 * loops wakes: its handler of USR1 wakes its loop through a pipe; until TERM. Both print the pipe, and each time. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t over;
static int ends[2];

static void on_term(int s)
{
    over = 1;
}

static void on_usr1(int s)
{
}

static void on_wake(int s)
{
    if (write(ends[1], "x", 1) != 1)
        _exit(3);
}

static void on_slow(int s)
{
    char c;

    while (read(0, &c, 1) > 0)
        ;
    on_wake(s);
}

static void say(const char *what)
{
    puts(what);
    fflush(stdout);
}

/* Until the handlers have said so often that they ran, or TERM. */
static void wakes(int times)
{
    struct pollfd p = {ends[0], POLLIN, 0};
    char c;

    printf("%d %d\n", ends[0], ends[1]);
    fflush(stdout);
    while (!over && times)
        if (poll(&p, 1, -1) == 1 && read(ends[0], &c, 1) == 1) {
            say("woken");
            times--;
        }
}

int main(int argc, char **argv)
{
    const char *how = argc > 1 ? argv[1] : "";
    struct sigaction a = {.sa_handler = on_usr1};

    if (pipe2(ends, O_NONBLOCK))
        return 1;
    signal(SIGTERM, on_term);
    a.sa_handler = !strcmp(how, "slow") ? on_slow : !strcmp(how, "wakes") ? on_wake : on_usr1;
    sigaction(SIGUSR1, &a, NULL);
    usleep(1); /* an interruption point: where a helper thread is configured there is one now */
    say("ready");
    if (!strcmp(how, "wakes"))
        wakes(-1);
    else if (!strcmp(how, "slow"))
        wakes(9);
    else
        while (!over)
            sigaction(SIGUSR2, NULL, &a);
    return 0;
}
