/* finds: unsafe-call called=printf|puts handler=on_alarm signal=SIGALRM */
/* Blocked but for a call of ppoll the signal can come nowhere else, and its handler may do anything. */
#include "common.h"
#include <poll.h>

static void on_alarm(int signo)
{
    printf("alarm\n");
    handled = 1;
}

int main(void)
{
    sigset_t none;
    catch_signal(SIGALRM, on_alarm, 0, 0);
    if (IF_DEFECT(0, 1))
        mask_signal(SIG_BLOCK, SIGALRM);
    sigemptyset(&none);
    later(SIGALRM, 20000, 0);
    while (!handled)
        ppoll(NULL, 0, NULL, &none);
    return 0;
}
