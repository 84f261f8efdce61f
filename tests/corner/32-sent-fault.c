/* A fault that is sent to the process while its threads block it stays pending: no thread of ours may take it. With and
 * without a handler; also when a handler has run on the helper before. */
#include "common.h"
static volatile int n, segv;
static void handler(int sig) { n++; }
static void on_segv(int sig) { segv++; }
int main(void)
{
    block(SIGSEGV), block(SIGFPE);
    on(SIGUSR1, handler, SA_RESTART);
    for (int k = 0; k < 3; k++) {
        pid_t p = kill_when_asleep(SIGUSR1);
        CHECK(AWAIT(n == k + 1));
        reap(p);
        kill(getpid(), SIGSEGV);
        kill(getpid(), SIGFPE);
        usleep(1000);
    }
    out("handled %d pending %llx\n", n, (unsigned long long)my_pending());
    on(SIGSEGV, on_segv, 0);
    signal(SIGFPE, SIG_IGN);
    unblock(SIGSEGV);
    out("faults %d pending %llx\n", segv, (unsigned long long)my_pending());
    return 0;
}
