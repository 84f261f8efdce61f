/* Case 20: signals in atexit functions and destructors are handled; the exit status stays. */
#include "common.h"
static volatile sig_atomic_t n;
static void handler(int sig) { n++; }
static void remote(const char *who)
{
    int at = n; /* before there is anybody to send */
    pid_t me = getpid(), p = child();
    if (p == 0)
        _exit(kill(me, SIGTERM));
    reap(p);
    out("%s: handled %d\n", who, AWAIT(n == at + 1));
    raise(SIGTERM);
}
static void last(void) { remote("atexit"); }
static void other(void) { pid_t p = kill_when_asleep(SIGTERM); int r = pause(); out("pause %d\n", r); reap(p); }
__attribute__((destructor)) static void gone(void) { remote("destructor"); out("n %d\n", (int)n); }
int main(void)
{
    on(SIGTERM, handler, SA_RESTART);
    atexit(last);
    atexit(other);
    exit(23);
}
