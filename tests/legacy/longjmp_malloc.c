/* A timeout made of SIGALRM and siglongjmp() around work that allocates. Jumping out of malloc leaves the arena
 * locked; the next round waits for it for ever. The work makes no call that may block: the second tick of the
 * timer is what tells the library that the handler should not wait for one. */
#include <pthread.h>
#include <setjmp.h>
#include <sys/time.h>

#include "legacy.h"

#define TARGET 200

static sigjmp_buf timeout;
static void *volatile held; /* keeps the compiler from dropping the allocations */

static void on_alarm(int signo)
{
    count_handled();
    siglongjmp(timeout, 1);
}

static void *idle(void *arg)
{
    sigset_t all;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    for (;;)
        sleep(10);
    return arg;
}

static void set_timer(long us)
{
    struct itimerval t = { { 0, us }, { 0, us } };
    setitimer(ITIMER_REAL, &t, NULL);
}

int main(void)
{
    pthread_t t;
    sigset_t alarm_only;

    counters_open();
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &alarm_only, NULL);
    pthread_create(&t, NULL, idle, NULL); /* a second thread: malloc takes its locks */
    catch_signal(SIGALRM, on_alarm, 0);
    pthread_sigmask(SIG_UNBLOCK, &alarm_only, NULL);
    while (handled() < TARGET) {
        if (sigsetjmp(timeout, 1) == 0) {
            set_timer(300);
            for (;;) {
                held = malloc(2000);
                free(held);
            }
        }
        set_timer(0);
    }
    return verdict(NULL, TARGET);
}
