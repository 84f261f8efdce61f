/* Two children send COUNT real-time signals each; prints how many handlers have run. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile long n;

static void handler(int s)
{
    n++;
}

static void send_all(pid_t to, int count)
{
    union sigval v;

    for (int i = 0; i < count; i++) {
        v.sival_int = i;
        while (sigqueue(to, SIGRTMIN + 2, v))
            if (errno != EAGAIN)
                _exit(1);
    }
    _exit(0);
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 1;
    struct sigaction a = { .sa_handler = handler };
    /* All of the user's processes share what may be queued: leave the tests beside this one their part. */
    const struct rlimit queue = { 2000, 2000 };
    sigset_t one;

    setrlimit(RLIMIT_SIGPENDING, &queue);
    sigaction(SIGRTMIN + 2, &a, NULL);
    sigemptyset(&one);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            signal(SIGRTMIN + 2, SIG_DFL);
            send_all(getppid(), count);
        }
    for (int left = 2; left;)
        left -= wait(NULL) > 0;
    while (n < 2L * count)
        usleep(1000);
    printf("%ld\n", n);
    return 0;
}
