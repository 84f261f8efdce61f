/* random() in main and in the handler: its lock is taken even in a program of one thread. */
#include "legacy.h"

#define TARGET 400

static volatile long sum;

static void on_signal(int signo)
{
    sum += random();
    count_handled();
}

int main(void)
{
    sender_start(SIGUSR1, 100, 100000, STORM);
    catch_signal(SIGUSR1, on_signal, SA_RESTART);
    sender_go();
    while (handled() < TARGET)
        for (int i = 0; i < 1000; i++)
            sum += random();
    return verdict(NULL, TARGET);
}
