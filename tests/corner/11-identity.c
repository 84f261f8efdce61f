/* Case 11: thread-local storage, pthread_self, gettid and the stack of a handler are those of its thread. */
/* not: helper */
#include "common.h"
static __thread int local;
static volatile int n, bad;
static pthread_t main_thread;
static volatile uintptr_t low, high;
static void handler(int sig)
{
    uintptr_t here = (uintptr_t)&sig;
    n++;
    local++;
    if (!pthread_equal(pthread_self(), main_thread) || gettid_() != getpid() || here < low || here > high)
        bad++;
}
int main(void)
{
    int here;
    pid_t me = getpid();
    main_thread = pthread_self();
    low = (uintptr_t)&here - (1 << 20), high = (uintptr_t)&here + 4096;
    on(SIGUSR1, handler, 0);
    for (int k = 1; k <= 10; k++) {
        pid_t p = child();
        if (p == 0)
            _exit(kill(me, SIGUSR1));
        CHECK(k % 2 ? SPIN(n == k) : AWAIT(n == k));
        reap(p);
    }
    raise(SIGUSR1);
    out("n %d local %d bad %d\n", n, local, bad);
    return 0;
}
