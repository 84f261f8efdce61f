/* finds: unsafe-call called=printf|puts handler=on_usr1 signal=SIGUSR1 */
/* What the program sends to itself, outside of unsafe functions, comes at no bad moment. */
#include "common.h"

static void on_usr1(int signo)
{
    printf("usr1\n");
    handled = 1;
}

int main(void)
{
    catch_signal(SIGUSR1, on_usr1, SA_RESTART, 0);
    if (IF_DEFECT(0, 1))
        raise(SIGUSR1);
    else
        later(SIGUSR1, 1000, 0);
    wait_until(&handled, 1);
    return 0;
}
