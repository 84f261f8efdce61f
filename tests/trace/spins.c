/* Says "ready", then computes without any call until it is killed. */
#include <signal.h>
#include <stdio.h>

static volatile sig_atomic_t n;

static void handler(int s)
{
    n++;
}

int main(void)
{
    struct sigaction a = { .sa_handler = handler };

    sigaction(SIGUSR1, &a, NULL);
    puts("ready");
    fflush(stdout);
    for (volatile unsigned long i = 0;; i++)
        ;
}
