/* finds: mask-changed handler=on_alarm signal=SIGALRM */
/* Undone when the handler returns, and nobody notices. */
#include "common.h"

static void on_alarm(int signo)
{
    mask_signal(SIG_BLOCK, SIGUSR1);
    if (IF_DEFECT(0, 1))
        mask_signal(SIG_UNBLOCK, SIGUSR1);
    handled = 1;
}

int main(void)
{
    catch_signal(SIGALRM, on_alarm, SA_RESTART, 0);
    later(SIGALRM, 1000, 0);
    wait_until(&handled, 1);
    return 0;
}
