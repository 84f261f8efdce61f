/* finds: lost-wakeup signal=SIGALRM verdict=averted called=select */
#include "lost.h"

static void wait_for_it(const sigset_t *none)
{
    IF_DEFECT(select(0, NULL, NULL, NULL, NULL), pselect(0, NULL, NULL, NULL, NULL, none));
}

int main(void)
{
    return eight_rounds(wait_for_it);
}
