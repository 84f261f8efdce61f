/* finds: unsafe-call called=malloc handler=on_usr1 signal=SIGUSR1 */
/* In a thread, by pthread_kill. */
#include "common.h"

static void *volatile kept;
static volatile int works, stop;

static void on_usr1(int signo)
{
    if (IF_DEFECT(1, 0))
        kept = malloc(10);
    handled = 1;
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
    catch_signal(SIGUSR1, on_usr1, SA_RESTART, 0);
    pthread_create(&t, NULL, work, NULL);
    wait_until(&works, 1);
    pthread_kill(t, SIGUSR1);
    wait_until(&handled, 1);
    stop = 1;
    pthread_join(t, NULL);
    return 0;
}
