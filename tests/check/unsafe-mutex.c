/* finds: unsafe-call called=pthread_mutex_lock handler=on_alarm signal=SIGALRM */
#include "common.h"

static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
static volatile int count;

static void on_alarm(int signo)
{
#ifdef CLEAN
    count++;
#else
    pthread_mutex_lock(&m);
    count++;
    pthread_mutex_unlock(&m);
#endif
    handled = 1;
}

int main(void)
{
    return one_alarm(on_alarm);
}
