/* finds: unsafe-call called=snprintf handler=on_alarm signal=SIGALRM */
#include "common.h"

static void on_alarm(int signo)
{
#ifdef CLEAN
    say("14\n");
#else
    char text[20];
    snprintf(text, sizeof text, "%d\n", signo);
    say(text);
#endif
    handled = 1;
}

int main(void)
{
    return one_alarm(on_alarm);
}
