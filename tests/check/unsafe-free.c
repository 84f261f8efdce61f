/* finds: unsafe-call called=free handler=on_alarm signal=SIGALRM */
#include "common.h"

static void *volatile kept;

static void on_alarm(int signo)
{
#ifdef CLEAN
    kept = NULL;
#else
    free(kept);
    kept = NULL;
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
