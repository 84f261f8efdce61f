/* finds: unsafe-call called=printf handler=on_alarm signal=SIGALRM */
#include "common.h"

static void on_alarm(int signo)
{
#ifdef CLEAN
    say("14\n");
#else
    printf("%d\n", signo);
#endif
    handled = 1;
}

int main(void)
{
    return one_alarm(on_alarm);
}
