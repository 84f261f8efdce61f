/* finds: unsafe-call called=fputs|fwrite handler=on_alarm signal=SIGALRM */
#include "common.h"

static void on_alarm(int signo)
{
#ifdef CLEAN
    say("alarm\n");
#else
    fputs("alarm\n", stderr);
#endif
    handled = 1;
}

int main(void)
{
    return one_alarm(on_alarm);
}
