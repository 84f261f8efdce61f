/* finds: unsafe-call called=backtrace handler=on_alarm signal=SIGALRM */
#include "common.h"
#include <execinfo.h>

static volatile int depth;

static void on_alarm(int signo)
{
#ifdef CLEAN
    depth = 1;
#else
    void *frame[10];
    depth = backtrace(frame, 10);
#endif
    handled = 1;
}

int main(void)
{
    return one_alarm(on_alarm);
}
