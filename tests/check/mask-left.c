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
    return one_alarm(on_alarm);
}
