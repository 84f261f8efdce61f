/* finds: exit-in-handler called=pthread_exit handler=on_usr1 signal=SIGUSR1 */
#include "common.h"

static volatile int works, stop;

static void on_usr1(int signo)
{
    if (IF_DEFECT(1, 0))
        pthread_exit(NULL);
    stop = 1;
}

static void *work(void *arg)
{
    works = 1; /* what comes to a thread before its own code is not looked at */
    while (!stop)
        usleep(1000);
    return NULL;
}

int main(void)
{
    pthread_t t;
    catch_signal(SIGUSR1, on_usr1, 0, 0);
    pthread_create(&t, NULL, work, NULL);
    wait_until(&works, 1);
    pthread_kill(t, SIGUSR1);
    pthread_join(t, NULL);
    return 0;
}
