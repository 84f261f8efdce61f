/* finds: reentered called=malloc inside=malloc|free|calloc handler=on_alarm signal=SIGALRM verdict=averted */
/* also: unsafe-call */
#include "common.h"

static void *volatile kept;

static void on_alarm(int signo)
{
#ifndef CLEAN
    void *was = kept;
    kept = malloc(64);
    free(was);
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
