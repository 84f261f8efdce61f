/* finds: unsafe-call called=rand handler=on_alarm signal=SIGALRM */
#include "common.h"

static volatile int number;

static void on_alarm(int signo)
{
#ifdef CLEAN
    number = 4;
#else
    number = rand();
#endif
    handled = 1;
}

int main(void)
{
    catch_signal(SIGALRM, on_alarm, SA_RESTART, 0);
    later(SIGALRM, 1000, 0);
    wait_until(&handled, 1);
    return 0;
}
