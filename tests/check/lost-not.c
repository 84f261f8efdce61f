/* finds: lost-wakeup signal=SIGALRM verdict=averted called=pause */
/* In the clean twin the handler does all there is to do, and the loop only ever sleeps again. */
#include "common.h"

static volatile sig_atomic_t seen;

static void on_alarm(int signo)
{
    seen = 1;
    if (++handled == 12)
        _exit(0);
}

int main(void)
{
    catch_signal(SIGALRM, on_alarm, 0, 0);
    later(SIGALRM, 1000, 30000);
    for (;;) {
        seen = 0;
        spin_until(&seen, 1);
        pause();
        if (IF_DEFECT(1, 0))
            say("woken\n");
    }
}
