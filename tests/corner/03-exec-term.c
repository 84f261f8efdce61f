/* Case 3: a signal that comes as a program is about to exec is handled by its handler, or pends for the next program (which
 * dies of it here). It is not taken out for a thread that is not there any more. */
#include "common.h"
static volatile int *handled;
static void handler(int sig) { *handled = sig; }

static void wait_a_moment(unsigned turns)
{
    for (volatile unsigned n = 0; n < turns; n++)
        ;
}

static void leave(unsigned turns)
{
    char *args[] = {self(), (char *)"--next", NULL};
    on(SIGTERM, handler, SA_RESTART);
    poll(NULL, 0, 0);
    *handled = -1; /* ready */
    wait_a_moment(turns);
    execv(args[0], args);
    _exit(127);
}

int main(int argc, char **argv)
{
    unsigned seed = 1, seen = 0;
    if (argc > 1) {
        alarm(60);
        for (;;)
            pause();
    }
    handled = shared(4096);
    for (int turn = 0; turn < 150; turn++) {
        int status = 0;
        pid_t p, ended = 0;
        *handled = 0;
        seed = seed * 1103515245 + 12345;
        p = fork();
        if (p == 0)
            leave(seed >> 16 & 0x3fff);
        CHECK(AWAIT(*handled));
        wait_a_moment(seed >> 8 & 0x7fff);
        kill(p, SIGTERM);
        CHECK(AWAIT(*handled > 0 || (ended = waitpid(p, &status, WNOHANG)) == p));
        if (*handled > 0 && ended != p) {
            kill(p, SIGKILL);
            CHECK(waitpid(p, &status, 0) == p);
        }
        seen += *handled == SIGTERM || (WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    }
    printf("seen %u of 150\n", seen);
    return 0;
}
