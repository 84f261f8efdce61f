/* The handler allocates while threads allocate: the arena's lock is not recursive, so it waits for itself. */
#include <pthread.h>

#include "legacy.h"

#define TARGET 400

static atomic_int done;

static void on_signal(int signo)
{
    void *volatile p = malloc(3000); /* too big for the thread's own cache: the arena is locked */

    free(p);
    count_handled();
}

static void allocate(void)
{
    void *volatile p[8]; /* volatile: the compiler must not drop the allocations */

    for (int i = 0; i < 8; i++)
        p[i] = malloc(2000 + 700 * i);
    for (int i = 0; i < 8; i++)
        free(p[i]);
}

static void *work(void *arg)
{
    while (!atomic_load(&done)) {
        allocate();
        nap_us(20);
    }
    return arg;
}

int main(void)
{
    pthread_t t[2];

    sender_start(SIGUSR1, 100, 100000, STORM);
    catch_signal(SIGUSR1, on_signal, SA_RESTART);
    for (int i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, work, NULL);
    sender_go();
    while (handled() < TARGET)
        allocate();
    atomic_store(&done, 1);
    for (int i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    return verdict(NULL, TARGET);
}
