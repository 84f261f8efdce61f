/* Catches USR1, TERM and RTMIN+1; says "ready", then pauses until TERM. Each USR1 spoils errno. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t over;

static void on_usr1(int s)
{
    errno = EBADF;
}

static void on_term(int s)
{
    over = 1;
}

int main(void)
{
    struct sigaction a = { .sa_handler = on_usr1, .sa_flags = SA_RESTART };

    sigaction(SIGUSR1, &a, NULL);
    sigaction(SIGRTMIN + 1, &a, NULL);
    a.sa_handler = on_term;
    a.sa_flags = 0;
    sigaction(SIGTERM, &a, NULL);
    puts("ready");
    fflush(stdout);
    while (!over)
        pause();
    return 5;
}
