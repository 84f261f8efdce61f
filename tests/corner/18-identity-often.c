/* Case 18: servers change their identity for every request. What is stepped out of the way for it comes back, and leaves
 * nothing behind: no timer, no place in the user's queue of signals. */
#include "common.h"
static volatile sig_atomic_t n;
static void handler(int sig) { n++; }

/* Timers, as the kernel counts them: four lines each. */
static int timers(void)
{
    char line[200];
    int lines = 0;
    FILE *f = fopen("/proc/self/timers", "r");
    while (f && fgets(line, sizeof line, f))
        lines++;
    if (f)
        fclose(f);
    return lines / 4;
}

int main(void)
{
    int ok = 1;
    on(SIGUSR1, handler, 0);
    reap(kill_when_asleep(SIGUSR1));
    for (int i = 0; i < 50; i++)
        ok &= seteuid(geteuid()) == 0;
    out("changed %d, timers %s\n", ok, timers() < 10 ? "few" : "many");
    pid_t me = getpid(), p = child();
    if (p == 0)
        _exit(kill(me, SIGUSR1) ? errno : 0);
    CHECK(AWAIT(n == 2));
    reap(p);
    out("handled %d\n", (int)n);
    return 0;
}
