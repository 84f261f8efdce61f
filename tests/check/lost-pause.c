/* finds: lost-wakeup signal=SIGALRM verdict=averted called=pause */
#include "lost.h"

static void wait_for_it(const sigset_t *none)
{
    IF_DEFECT(pause(), sigsuspend(none));
}

int main(void)
{
    return eight_rounds(wait_for_it);
}
