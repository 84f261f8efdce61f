/* Case 29: ITIMER_PROF at 1 kHz in a loop that allocates; ticks arrive, nothing breaks, the count is plausible. */
/* also: helper-concurrent */
#include "profiled.h"
static void handler(int sig) { ticks++; }
int main(void)
{
    profiled(handler, 40);
    return 0;
}
