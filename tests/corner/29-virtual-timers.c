/* Case 29: ITIMER_VIRTUAL, and a CPU-time timer of a thread, while four threads allocate. */
#include "common.h"
static volatile int vt, pt, stop;
static void on_vt(int sig) { __atomic_add_fetch(&vt, 1, __ATOMIC_SEQ_CST); }
static void on_pt(int sig) { __atomic_add_fetch(&pt, 1, __ATOMIC_SEQ_CST); }
static void *body(void *arg)
{
    while (!stop)
        free(malloc(100));
    return NULL;
}
int main(void)
{
    pthread_t t[3];
    timer_t id;
    struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGPROF};
    struct itimerspec its = {{0, 4000000}, {0, 4000000}};
    struct itimerval it = {{0, 4000}, {0, 4000}};
    on(SIGVTALRM, on_vt, SA_RESTART), on(SIGPROF, on_pt, SA_RESTART);
    CHECK(timer_create(CLOCK_PROCESS_CPUTIME_ID, &e, &id) == 0);
    for (int i = 0; i < 3; i++)
        pthread_create(&t[i], NULL, body, NULL);
    setitimer(ITIMER_VIRTUAL, &it, NULL);
    timer_settime(id, 0, &its, NULL);
    CHECK(AWAIT(vt >= 5 && pt >= 5));
    stop = 1;
    for (int i = 0; i < 3; i++)
        pthread_join(t[i], NULL);
    timer_delete(id);
    out("both %d\n", vt >= 5 && pt >= 5);
    return 0;
}
