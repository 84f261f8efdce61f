/* Signals without any other process or thread: raise, a timer in a loop that calls nothing, a timer in pause. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t n;
static void handler(int signo) { n++; (void)signo; }

int main(void)
{
    struct sigaction act = {.sa_handler = handler};
    setvbuf(stdout, NULL, _IONBF, 0);
    sigaction(SIGALRM, &act, NULL);
    raise(SIGALRM);
    printf("raise %d\n", (int)n);
    ualarm(20000, 0);
    while (n < 2)
        ;
    printf("loop\n");
    ualarm(20000, 0);
    while (n < 3)
        pause();
    printf("pause\n");
    return 0;
}
