/* finds: reentered called=fputs|fwrite inside=fputs|fwrite handler=on_alarm signal=SIGALRM verdict=averted */
#include "common.h"

static FILE *stream;

static void on_alarm(int signo)
{
    write_takes = 0;
    if (IF_DEFECT(1, 0))
        fputs("handler\n", stream);
    handled = 1;
}

int main(void)
{
    catch_signal(SIGALRM, on_alarm, SA_RESTART, 0);
    stream = slow_stream(0.05);
    later(SIGALRM, 5000, 0);
    fputs("main\n", stream);
    wait_until(&handled, 1);
    return 0;
}
