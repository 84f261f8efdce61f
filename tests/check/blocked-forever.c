/* finds: blocked-forever signal=SIGUSR1 handler=on_usr1 */
#include "common.h"

static void on_usr1(int signo)
{
    handled = 1;
}

int main(void)
{
    catch_signal(SIGUSR1, on_usr1, SA_RESTART, 0);
    mask_signal(SIG_BLOCK, SIGUSR1);
    later(SIGUSR1, 1000, 0);
    spin(0.05);
    if (IF_DEFECT(0, 1))
        mask_signal(SIG_UNBLOCK, SIGUSR1);
    return 0;
}
