/* A flag, and a call that waits: the signal comes behind the look at the flag, and before the call. In the clean twin it is
 * blocked but for the call. */
#include "common.h"

static volatile sig_atomic_t seen;

static void on_alarm(int signo)
{
    handled = seen = 1;
}

static int eight_rounds(void (*wait_for_it)(const sigset_t *none))
{
    sigset_t none;
    sigemptyset(&none);
    catch_signal(SIGALRM, on_alarm, 0, 0);
    if (IF_DEFECT(0, 1))
        mask_signal(SIG_BLOCK, SIGALRM);
    later(SIGALRM, 1000, 30000);
    for (int round = 0; round < 8; round++) {
        handled = seen = 0;
        while (!handled) {
            if (IF_DEFECT(1, 0))
                spin_until(&seen, 1);
            wait_for_it(&none);
        }
        say("round\n");
    }
    return 0;
}
