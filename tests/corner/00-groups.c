/* Semantics: kill(0), kill(-pgid), killpg and kill(-1 is left out): the sender's own handler has run on return, the
 * others' run, too. */
#include "common.h"
static volatile int *hits;
static int me;
static void handler(int sig) { hits[me]++; }
int main(void)
{
    hits = shared(4096);
    volatile int *ready = hits + 100;
    pid_t p[3];
    setpgid(0, 0);
    on(SIGUSR1, handler, SA_RESTART);
    for (int i = 0; i < 3; i++) {
        p[i] = child();
        if (p[i] == 0) {
            me = i + 1;
            ready[me] = 1;
            _exit(AWAIT(hits[me] == 3) ? 0 : 1);
        }
    }
    for (int i = 1; i <= 3; i++)
        CHECK(AWAIT(ready[i]));
    for (int k = 1; k <= 3; k++) {
        CHECK((k == 1 ? kill(0, SIGUSR1) : k == 2 ? kill(-getpgrp(), SIGUSR1) : killpg(getpgrp(), SIGUSR1)) == 0);
        out("own %d\n", hits[0]);
        for (int i = 1; i <= 3; i++)
            CHECK(AWAIT(hits[i] == k));
    }
    for (int i = 0; i < 3; i++)
        out("%d\n", reap(p[i]));
    return 0;
}
