/* finds: handler-cut handler=on_usr2 signal=SIGUSR2 inside=fputs|fwrite verdict=averted */
/* Each handler alone is let in by sigsuspend only and may print; but the one interrupts the other. */
#include "common.h"

static FILE *stream;

static void on_usr1(int signo)
{
    later(SIGUSR2, 5000, 0);
    fputs("one\n", stream);
    handled++;
}

static void on_usr2(int signo)
{
    handled++;
}

int main(void)
{
    sigset_t none;
    sigemptyset(&none);
    mask_signal(SIG_BLOCK, SIGUSR1);
    mask_signal(SIG_BLOCK, SIGUSR2);
    stream = slow_stream(0.05);
    catch_signal(SIGUSR1, on_usr1, 0, IF_DEFECT(0, SIGUSR2));
    catch_signal(SIGUSR2, on_usr2, 0, IF_DEFECT(0, SIGUSR1));
    later(SIGUSR1, 5000, 0);
    while (handled < 2)
        sigsuspend(&none);
    return 0;
}
