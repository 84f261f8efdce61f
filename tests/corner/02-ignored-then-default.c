/* Case 2: a storm meets signal(SIG_IGN); its sender ends, and the disposition becomes SIG_DFL: what had come is gone by then,
 * and must not end the program. */
/* limit: 40 */
/* not: jitter */
#include "common.h"
static volatile int n;
static void handler(int sig) { n++; }

static void round_of(int signo, int k)
{
    pid_t me = getpid(), p;
    on(signo, handler, SA_RESTART);
    p = child();
    if (p == 0) {
        while (getppid() == me)
            kill(me, signo);
        _exit(0);
    }
    CHECK(k % 2 ? SPIN(n > 0) : AWAIT(n > 0));
    for (int i = 0; i < k * 10; i++)
        free(malloc((size_t)i + 1));
    signal(signo, SIG_IGN);
    kill(p, SIGKILL);
    reap(p);
    signal(signo, SIG_DFL);
    n = 0;
}

static void *other(void *unused)
{
    for (;;)
        usleep(100);
    return NULL;
}

int main(void)
{
    pthread_t t;
    for (int turn = 0; turn < 2; turn++) {
        for (int k = 0; k < 16; k++)
            round_of(k % 4 == 3 ? SIGALRM : SIGUSR1, k);
        if (!turn)
            pthread_create(&t, NULL, other, NULL);
    }
    out("alive\n");
    return 0;
}
