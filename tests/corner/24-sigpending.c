/* Case 24: sigpending for signals sent by others and to the thread itself, caught, default and ignored. */
#include "common.h"
static volatile int n;
static void handler(int sig) { n++; }
int main(void)
{
    pid_t me = getpid();
    sigset_t all, none;
    sigfillset(&all), sigemptyset(&none);
    on(SIGUSR1, handler, 0), on(SIGRTMIN + 1, handler, 0), on(SIGTERM, handler, SA_RESTART);
    raise(SIGUSR1), raise(SIGTERM);
    sigprocmask(SIG_SETMASK, &all, NULL);
    out("%llx\n", (unsigned long long)my_pending());
    pid_t p = child();
    if (p == 0) {
        kill(me, SIGUSR1), kill(me, SIGRTMIN + 1), kill(me, SIGHUP), kill(me, SIGTERM);
        _exit(0);
    }
    reap(p);
    out("%llx\n", (unsigned long long)(my_pending() & ~(1ull << (SIGCHLD - 1))));
    pthread_kill(pthread_self(), SIGQUIT), raise(SIGUSR2), kill(me, SIGALRM);
    out("%llx\n", (unsigned long long)(my_pending() & ~(1ull << (SIGCHLD - 1))));
    signal(SIGHUP, SIG_IGN), signal(SIGUSR2, SIG_IGN), signal(SIGQUIT, SIG_IGN), signal(SIGALRM, SIG_IGN), signal(SIGCHLD, SIG_IGN);
    out("%llx\n", (unsigned long long)my_pending());
    sigprocmask(SIG_SETMASK, &none, NULL);
    out("%llx handled %d\n", (unsigned long long)my_pending(), n);
    return 0;
}
