/* random() in main and in the handler: its lock is taken even in a program of one thread. */
#include <poll.h>

#include "legacy.h"

#define TARGET 100

static volatile long sum;

static void on_signal(int signo)
{
    sum += random();
    count_handled();
}

int main(void)
{
    sender_start(SIGUSR1, 300, 100000, ACKED);
    catch_signal(SIGUSR1, on_signal, SA_RESTART);
    sender_go();
    while (handled() < TARGET) {
        for (int i = 0; i < 10000; i++)
            sum += random();
        poll(NULL, 0, 0);
    }
    return verdict(NULL, TARGET);
}
