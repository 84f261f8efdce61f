/* finds: lost-wakeup signal=SIGALRM verdict=averted called=poll */
#include "lost.h"
#include <poll.h>

static void wait_for_it(const sigset_t *none)
{
    IF_DEFECT(poll(NULL, 0, -1), ppoll(NULL, 0, NULL, none));
}

int main(void)
{
    return eight_rounds(wait_for_it);
}
