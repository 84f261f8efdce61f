/* Raises SIGUSR1 as fast as it can, and every thousandth time SIGUSR2; for a minute at most. */
#include <signal.h>
#include <unistd.h>

static void handler(int s)
{
}

int main(void)
{
    struct sigaction a = { .sa_handler = handler };

    sigaction(SIGUSR1, &a, NULL);
    sigaction(SIGUSR2, &a, NULL);
    alarm(60);
    for (unsigned n = 1;; n++)
        raise(n % 1000 ? SIGUSR1 : SIGUSR2);
}
