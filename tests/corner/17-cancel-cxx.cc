/* Case 17: C++: destructors run when a thread blocked in read, or in a function above it, is canceled; exceptions
 * thrown after an interrupted call are caught. */
#include "common.h"
#include <stdexcept>
static volatile int destroyed;
static volatile pid_t tid;
static int p[2];
struct Guard {
    ~Guard() { destroyed++; }
};
static void handler(int) {}
static long __attribute__((noinline)) inner()
{
    Guard g;
    char c;
    return read(p[0], &c, 1);
}
static void *body(void *)
{
    Guard g;
    try {
        Guard h;
        tid = gettid_();
        inner();
    } catch (std::runtime_error &) {
        out("FAIL wrong catch\n");
    } catch (...) {
        out("forced unwind passes\n");
        throw;
    }
    return nullptr;
}
static void interrupted()
{
    Guard g;
    if (inner() < 0 && errno == EINTR)
        throw std::runtime_error("interrupted");
}
int main()
{
    pthread_t t;
    void *res = nullptr;
    CHECK(pipe(p) == 0);
    on(SIGUSR1, handler, 0);
    raise(SIGUSR1);
    pthread_create(&t, nullptr, body, nullptr);
    CHECK(AWAIT(tid) && asleep(getpid(), tid));
    pthread_cancel(t);
    pthread_join(t, &res);
    out("canceled %d destroyed %d\n", res == PTHREAD_CANCELED, destroyed);
    pid_t k = kill_when_asleep(SIGUSR1);
    try {
        interrupted();
    } catch (std::runtime_error &e) {
        out("caught %s destroyed %d\n", e.what(), destroyed);
    }
    reap(k);
    return 0;
}
