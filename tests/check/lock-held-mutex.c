/* finds: lock-held called=pthread_mutex_lock handler=on_usr1 signal=SIGUSR1 verdict=native */
#include "common.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static volatile int shared;

static void on_usr1(int signo)
{
#ifndef CLEAN
    pthread_mutex_lock(&m);
    shared++;
    pthread_mutex_unlock(&m);
#endif
    handled = 1;
}

int main(void)
{
    struct timespec moment = {0, 20000000};
    catch_signal(SIGUSR1, on_usr1, SA_RESTART, 0);
    alarm(3); /* it waits for ever */
    later(SIGUSR1, 5000, 0);
    pthread_mutex_lock(&m);
    while (!handled)
        nanosleep(&moment, NULL);
    shared++;
    pthread_mutex_unlock(&m);
    return 0;
}
