/* finds: unsafe-call called=gettext|dcgettext handler=on_alarm signal=SIGALRM */
#include "common.h"
#include <libintl.h>

static void on_alarm(int signo)
{
#ifdef CLEAN
    say("caught\n");
#else
    say(gettext("caught\n"));
#endif
    handled = 1;
}

int main(void)
{
    return one_alarm(on_alarm);
}
