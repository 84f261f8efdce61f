/* finds: lost-wakeup signal=SIGALRM verdict=averted called=select */
/* The signal comes behind the look at the flag. */
#include "common.h"

static volatile sig_atomic_t seen;

static void on_alarm(int signo)
{
    handled = seen = 1;
}

int main(void)
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
            IF_DEFECT(select(0, NULL, NULL, NULL, NULL), pselect(0, NULL, NULL, NULL, NULL, &none));
        }
        say("round\n");
    }
    return 0;
}
