/* Case 12: a sigprocmask section excludes the handler, wherever it runs: a pair of counters is never seen torn
 * while another process sends a thousand signals. */
/* also: helper-concurrent */
/* limit: 30 */
#include "common.h"
static volatile long a, b, torn, inside, n;
static void handler(int sig)
{
    n++;
    if (inside || a != b)
        torn++;
}
int main(void)
{
    sigset_t s = set_of(SIGUSR1, SIGRTMIN, 0), old;
    pid_t me = getpid();
    volatile int *done = shared(4096);
    on(SIGUSR1, handler, SA_RESTART), on(SIGRTMIN, handler, 0);
    pid_t p = child();
    if (p == 0) {
        for (int k = 0; k < 500; k++) {
            if (k % 2)
                kill(me, SIGUSR1);
            else
                sigqueue(me, SIGRTMIN, (union sigval){0});
            if (k % 50 == 0)
                usleep(500);
        }
        *done = 1;
        _exit(0);
    }
    for (long k = 0; !*done; k++) {
        (k % 2 ? sigprocmask : pthread_sigmask)(SIG_BLOCK, &s, &old);
        inside = 1;
        a++;
        if (k % 16 == 0)
            getppid(), free(malloc(10)), usleep(10);
        b++;
        inside = 0;
        sigprocmask(SIG_SETMASK, &old, NULL);
    }
    reap(p);
    out("torn %ld\n", torn);
    CHECK(AWAIT(n > 250));
    return 0;
}
