/* The lost wake-up, with the blocking call as a macro: BLOCK().
 *
 * The peer sends one signal, waits until it was dealt with and sends the next. The program checks its flag and
 * then blocks. A signal between the check and the kernel's entry has set the flag already: nothing ends the
 * call, and the peer waits for ever too.
 */
#include "legacy.h"

#define TARGET 150

static volatile sig_atomic_t flag;

static void on_signal(int signo)
{
    flag = 1;
}

int main(void)
{
    sender_start(SIGUSR1, 100, 100000, ACKED);
    catch_signal(SIGUSR1, on_signal, 0);
    sender_go();
    for (unsigned i = 0; i < TARGET; i++) {
        spin_ns(10000 * (i % 30)); /* other work, so that the two drift past each other */
        while (!flag) {
            spin_ns(60000); /* the book-keeping between the check and the wait */
            BLOCK();
        }
        flag = 0;
        count_handled(); /* one run of the handler for each flag: the peer waits for this count */
    }
    return verdict(NULL, TARGET);
}
