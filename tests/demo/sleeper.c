/* Part 2: while (!flag) pause(); a signal between the look at the flag and the sleep wakes nobody. */
#include "demo.h"

#define SIGNALS 200

static volatile sig_atomic_t flag;

static void on_signal(int signo)
{
    flag = 1;
}

int main(void)
{
    atomic_int *gate;

    operator_start(SIGUSR1, SIGNALS, &gate);
    catch_signal(SIGUSR1, on_signal);
    atomic_store(gate, 1);
    for (unsigned i = 0; i < SIGNALS; i++) {
        spin_us(10 * (i % 30)); /* other work, of varying length */
        while (!flag) {
            spin_us(60); /* a little book-keeping */
            pause();
        }
        flag = 0;
        atomic_fetch_add(handled, 1);
    }
    printf("%u\n", atomic_load(handled));
    return 0;
}
