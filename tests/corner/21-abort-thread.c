/* Case 21: abort in a thread: the handler runs there; assert() and abort kill the process. */
/* not: helper-concurrent */
#include "common.h"
#undef NDEBUG
#include <assert.h>
#include <sys/resource.h>
static volatile pid_t tid;
static void caught(int sig) { out("in the thread %d ", gettid_() == tid); }
static void *body(void *arg) { tid = gettid_(); abort(); }
int main(void)
{
    char b[40];
    pid_t p = child();
    struct rlimit r = {0, 0};
    setrlimit(RLIMIT_CORE, &r);
    if (p == 0) {
        pthread_t t;
        on(SIGABRT, caught, 0);
        pthread_create(&t, NULL, body, NULL);
        for (;;)
            pause();
    }
    out("%s\n", ended(reap(p), b));
    p = child();
    if (p == 0) {
        on(SIGTERM, caught, 0);
        raise(SIGTERM);
        assert(p != 0);
    }
    out("%s\n", ended(reap(p), b));
    return 0;
}
