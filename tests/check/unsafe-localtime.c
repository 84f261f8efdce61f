/* finds: unsafe-call called=localtime handler=on_alarm signal=SIGALRM */
#include "common.h"

static volatile int year;

static void on_alarm(int signo)
{
#ifdef CLEAN
    year = 70;
#else
    time_t t = 0;
    year = localtime(&t)->tm_year;
#endif
    handled = 1;
}

int main(void)
{
    return one_alarm(on_alarm);
}
