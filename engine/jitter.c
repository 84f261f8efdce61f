/* context: listener, handler, thread
 *
 * Tests only (make jitter): every thread loses its processor now and then between two accesses to what threads share, so
 * that interleavings which need a descheduled thread come in seconds instead of months. Empty in the library itself.
 */
#include "engine/engine.h"

#ifdef SF_JITTER
/* Once in `seldom` + 1 calls. */
void sf_jitter(uint32_t seldom)
{
    const struct sf_lane *lane = sf_lane_raw();
    static volatile uint32_t turn; /* (not the clock: a program may forbid it) */
    uint32_t x = __atomic_add_fetch(&turn, 1, __ATOMIC_RELAXED) * 2654435761u;
    x ^= x >> 15;
    x *= 2246822519u;
    x ^= x >> 13;
    if ((x & seldom) || (lane && lane->strict))
        return;
    struct timespec t = {0, (x >> 8) % 4 ? 1000 : (x >> 8) % 300000};
    SF_SYS(SYS_nanosleep, &t, NULL, 0, 0, 0, 0);
}
#endif
