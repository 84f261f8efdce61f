/* The handler takes a mutex that the thread it interrupts may hold. The locked region is short and the loop
 * polls in each round, outside of it: there the handler can have the mutex. */
#include <poll.h>
#include <pthread.h>

#include "legacy.h"

#define TARGET 60

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned long work_done, work_seen;

static void on_signal(int signo)
{
    pthread_mutex_lock(&lock);
    work_seen = work_done;
    pthread_mutex_unlock(&lock);
    count_handled();
}

int main(void)
{
    sender_start(SIGUSR1, 300, 100000, ACKED);
    catch_signal(SIGUSR1, on_signal, SA_RESTART);
    sender_go();
    while (handled() < TARGET) {
        pthread_mutex_lock(&lock);
        spin_ns(50000);
        work_done++;
        pthread_mutex_unlock(&lock);
        poll(NULL, 0, 0);
    }
    return verdict(work_seen ? NULL : "the handler saw no work", TARGET);
}
