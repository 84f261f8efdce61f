/* finds: unsafe-call called=malloc handler=on_alarm signal=SIGALRM */
#include "common.h"

static void *volatile kept;

static void on_alarm(int signo)
{
#ifdef CLEAN
    kept = NULL;
#else
    kept = malloc(100);
#endif
    handled = 1;
}

int main(void)
{
    return one_alarm(on_alarm);
}
