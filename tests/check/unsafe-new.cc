/* finds: unsafe-call called=operator+new handler=_ZL8on_alarmi signal=SIGALRM */
extern "C" {
#include "common.h"
}
#include <new>

static int *volatile kept;

static void on_alarm(int)
{
#ifndef CLEAN
    kept = new int(7);
#endif
    handled = 1;
}

int main(void)
{
    return one_alarm(on_alarm);
}
