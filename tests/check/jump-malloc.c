/* finds: jump-from-unsafe inside=malloc|free handler=on_alarm signal=SIGALRM verdict=averted */
#include "common.h"

static sigjmp_buf out;
static volatile unsigned sum;

static void on_alarm(int signo)
{
    siglongjmp(out, 1);
}

int main(void)
{
    volatile int jumps = 0;
    catch_signal(SIGALRM, on_alarm, 0, 0);
    later(SIGALRM, 500, 500);
    sigsetjmp(out, 1);
    if (++jumps > 60)
        return 0;
    for (;;) {
#ifndef CLEAN
        void *volatile p = malloc(sum++ % 3000);
        free(p);
#else
        sum++;
#endif
    }
}
