/* finds: mask-changed handler=on_alarm signal=SIGALRM */
/* setjmp keeps no mask: after the jump the signal stays blocked for good. */
#include "common.h"

static sigjmp_buf out;

static void on_alarm(int signo)
{
    siglongjmp(out, 1);
}

int main(void)
{
    catch_signal(SIGALRM, on_alarm, 0, 0);
    if (sigsetjmp(out, IF_DEFECT(0, 1)) == 0) {
        later(SIGALRM, 1000, 0);
        spin(0.2);
    }
    return 0;
}
