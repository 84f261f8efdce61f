/* finds: jump-from-unsafe inside=fputs|fwrite handler=on_alarm signal=SIGALRM verdict=averted */
/* The usual time limit; around output it leaves the stream locked. */
#include "common.h"

static sigjmp_buf out;

static void on_alarm(int signo)
{
    write_takes = 0;
    siglongjmp(out, 1);
}

int main(void)
{
    FILE *f = slow_stream(0.05);
    catch_signal(SIGALRM, on_alarm, 0, 0);
    if (sigsetjmp(out, 1) == 0) {
        later(SIGALRM, 5000, 0);
        IF_DEFECT(fputs("main\n", f), spin(0.05));
        pause();
    }
    return 0;
}
