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
    return one_alarm(on_alarm);
}
