/* Case 11: uc_sigmask shows the mask before the handler and is obeyed when the handler changes it. */
/* not: helper helper-concurrent */
#include "common.h"
static volatile uint64_t shown;
static volatile int n, what;
static void handler(int sig, siginfo_t *si, void *u)
{
    ucontext_t *uc = u;
    n++;
    shown = bits(&uc->uc_sigmask);
    if (what == 1)
        sigaddset(&uc->uc_sigmask, SIGTERM);
    else if (what == 2)
        sigdelset(&uc->uc_sigmask, SIGTERM);
    else if (what == 3)
        sigaddset(&uc->uc_sigmask, sig);
}
static volatile int terms;
static void term(int sig) { terms++; }
int main(void)
{
    on_info(SIGUSR1, handler, 0);
    on(SIGTERM, term, 0);
    block(SIGALRM);
    for (int remote = 0; remote < 2; remote++)
        for (what = 0; what < 4; what++) {
            pid_t p = 0;
            n = terms = 0;
            if (what == 2)
                block(SIGTERM), raise(SIGTERM);
            if (remote) {
                p = kill_when_asleep(SIGUSR1);
                pause();
                reap(p);
            } else {
                raise(SIGUSR1);
            }
            out("%d %d: shown %llx after %llx", remote, what, (unsigned long long)shown, (unsigned long long)my_mask());
            if (what == 1)
                raise(SIGTERM);
            out(" handled %d terms %d", n, terms);
            unblock(SIGTERM), unblock(SIGUSR1);
            out(" %d\n", terms);
        }
    return 0;
}
