/* Case 2: what has come before the program sets a signal to SIG_IGN has had its handler run; what comes while the two
 * change is gone or handled, as natively, and the program goes on. So is a default that does nothing. */
/* limit: 40 */
/* not: jitter */
#include "common.h"
#include <sys/mman.h>
static volatile int n;
static volatile int *sent;
static void handler(int sig) { n++; }
static void work(int k)
{
    char text[64];
    free(malloc((size_t)(1 + k * 53 % 3000)));
    snprintf(text, sizeof text, "%d", k);
}
/* One signal, and not a call until it has been sent. */
static void before(int signo)
{
    int late = 0;
    for (int turn = 0; turn < 20; turn++) {
        pid_t me = getpid(), p;
        on(signo, handler, SA_RESTART);
        n = *sent = 0;
        p = child();
        if (p == 0) {
            kill(me, signo);
            *sent = 1;
            _exit(0);
        }
        while (!*sent)
            ;
        signal(signo, turn & 1 ? SIG_IGN : SIG_DFL);
        late += n != 1;
        signal(signo, SIG_IGN); /* (the child's end, where it is SIGCHLD) */
        waitpid(p, NULL, 0);
    }
    out("not handled before: %d\n", late);
}
static void during(int signo)
{
    int turns = 0;
    pid_t me = getpid(), p = child();
    if (p == 0) {
        while (getppid() == me) {
            kill(me, signo);
            usleep(20);
        }
        _exit(0);
    }
    for (; turns < 300; turns++) {
        on(signo, handler, SA_RESTART);
        for (int k = 0; k < 300; k++)
            work(k);
        signal(signo, turns & 1 && signo == SIGWINCH ? SIG_DFL : SIG_IGN);
        work(turns);
    }
    on(signo, handler, SA_RESTART);
    n = 0;
    CHECK(SPIN(n > 3));
    signal(signo, SIG_IGN);
    kill(p, SIGKILL);
    waitpid(p, NULL, 0);
    signal(signo, SIG_DFL);
    out("%d turns\n", turns);
}
int main(void)
{
    sent = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    before(SIGUSR1);
    before(SIGRTMIN + 2);
    during(SIGUSR1);
    during(SIGWINCH);
    during(SIGRTMIN + 2);
    return 0;
}
