/* finds: unsafe-call called=strerror handler=on_alarm signal=SIGALRM */
#include "common.h"

static void on_alarm(int signo)
{
#ifdef CLEAN
    say("error");
#else
    say(strerror(signo));
#endif
    handled = 1;
}

int main(void)
{
    return one_alarm(on_alarm);
}
