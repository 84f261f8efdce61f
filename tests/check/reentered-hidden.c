/* finds: reentered called=malloc inside=malloc|free|calloc handler=on_alarm signal=SIGALRM verdict=averted */
/* also: unsafe-call reentered */
/* The handler calls strdup; that calls malloc, inside of which the signal came. */
#include "common.h"

static char *volatile kept;

static void on_alarm(int signo)
{
#ifndef CLEAN
    char *was = kept;
    kept = strndup("0123456789", (size_t)signo);
    (void)was;
#endif
    handled++;
}

int main(void)
{
    catch_signal(SIGALRM, on_alarm, SA_RESTART, 0);
    later(SIGALRM, 500, 500);
    allocate_until(60);
    return 0;
}
