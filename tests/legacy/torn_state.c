/* A 128-bit total that main adds to and the handler reports: two machine words, and the signal falls between
 * their two stores. The loop polls in each round, with the total whole. */
#include <poll.h>

#include "legacy.h"

#define TARGET 100

struct total {
    uint64_t lo, hi; /* always the same number here, so that a torn one shows */
};

static volatile struct total total;
static volatile sig_atomic_t torn;

static void on_signal(int signo)
{
    if (total.lo != total.hi)
        torn = 1;
    count_handled();
}

int main(void)
{
    sender_start(SIGUSR1, 300, 100000, ACKED);
    catch_signal(SIGUSR1, on_signal, SA_RESTART);
    sender_go();
    while (!torn && handled() < TARGET) {
        for (int i = 0; i < 20000; i++) {
            total.lo++;
            total.hi++;
        }
        poll(NULL, 0, 0);
    }
    return verdict(torn ? "the handler saw half of an update" : NULL, TARGET);
}
