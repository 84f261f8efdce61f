/* send PID SIGNAL GAP_US [ack]: signals to a process until it is gone or a minute is over.
 * With `ack`, a byte on standard input must answer each signal before the next is sent.
 * Prints how many were sent when it is told to stop by SIGTERM. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t stop;

static void on_term(int signo)
{
    stop = signo;
}

/* 0: the answer to one signal came. */
static int wait_answer(void)
{
    struct pollfd p = { .fd = 0, .events = POLLIN };
    char c;

    return poll(&p, 1, 5000) == 1 && read(0, &c, 1) == 1 ? 0 : -1;
}

int main(int argc, char **argv)
{
    struct sigaction sa = { .sa_handler = on_term }; /* no SA_RESTART: it ends a wait for the answer, too */
    struct timespec gap;
    time_t end = time(NULL) + 60;
    unsigned long sent = 0;

    if (argc < 4)
        return 2;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_TIMERSLACK, 1);
    sigaction(SIGTERM, &sa, NULL);
    gap = (struct timespec){ 0, atol(argv[3]) * 1000 };
    while (!stop && time(NULL) < end && kill((pid_t)atol(argv[1]), atoi(argv[2])) == 0) {
        sent++;
        if (argc > 4 && wait_answer() != 0)
            break;
        nanosleep(&gap, NULL);
    }
    printf("%lu\n", sent);
    return 0;
}
