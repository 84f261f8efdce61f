/* Case 9: fork in a handler; the child goes on in the handler, sees the mask of a running handler, ends. */
#include "common.h"
static volatile sig_atomic_t n;
static pid_t kid;
static void handler(int sig)
{
    n++;
    kid = fork();
    if (kid == 0) {
        out("child in handler: mask %llx n %d\n", (unsigned long long)my_mask(), (int)n);
        _exit(20 + n);
    }
}
static void returns(int sig) { n++; kid = fork(); }
int main(void)
{
    char b[40];
    pid_t main_pid = getpid();
    on(SIGUSR1, handler, 0);
    raise(SIGUSR1);
    out("%s\n", ended(reap(kid), b));
    pid_t p = kill_when_asleep(SIGUSR1);
    pause();
    CHECK(AWAIT(n == 2));
    reap(p);
    out("%s\n", ended(reap(kid), b));
    signal(SIGUSR2, returns);
    raise(SIGUSR2);
    if (getpid() != main_pid) {
        kid = 0;
        raise(SIGUSR1);
        out("in the child: mask %llx %s\n", (unsigned long long)my_mask(), ended(reap(kid), b));
        _exit(30);
    }
    out("%s n %d\n", ended(reap(kid), b), (int)n);
    return 0;
}
