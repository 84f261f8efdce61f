/* finds: lock-held called=pthread_rwlock_rdlock handler=on_usr1 signal=SIGUSR1 verdict=native */
/* also: unsafe-call */
#include "common.h"

static pthread_rwlock_t m = PTHREAD_RWLOCK_INITIALIZER;
static volatile int shared;

static void on_usr1(int signo)
{
#ifndef CLEAN
    if (pthread_rwlock_rdlock(&m) == 0)
        pthread_rwlock_unlock(&m);
#endif
    handled = 1;
}

int main(void)
{
    struct timespec moment = {0, 20000000};
    catch_signal(SIGUSR1, on_usr1, SA_RESTART, 0);
    alarm(3);
    later(SIGUSR1, 5000, 0);
    pthread_rwlock_wrlock(&m);
    while (!handled)
        nanosleep(&moment, NULL);
    shared++;
    pthread_rwlock_unlock(&m);
    return 0;
}
