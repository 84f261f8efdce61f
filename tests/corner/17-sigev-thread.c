/* Case 17: SIGEV_THREAD timers and mq_notify by thread (libc's helper thread and its signal 32) beside handlers. */
#include "common.h"
#include <mqueue.h>
static volatile int ticks, notes, n;
static void handler(int sig) { n++; }
static void tick(union sigval v) { __atomic_add_fetch(&ticks, v.sival_int == 5, __ATOMIC_SEQ_CST); }
static void note(union sigval v) { notes += v.sival_int == 6; }
int main(void)
{
    timer_t id;
    struct sigevent e = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = tick, .sigev_value.sival_int = 5};
    struct itimerspec its = {{0, 5000000}, {0, 5000000}};
    struct mq_attr a = {.mq_maxmsg = 4, .mq_msgsize = 8};
    char name[64];
    on(SIGUSR1, handler, SA_RESTART);
    raise(SIGUSR1);
    CHECK(timer_create(CLOCK_MONOTONIC, &e, &id) == 0 && timer_settime(id, 0, &its, NULL) == 0);
    CHECK(AWAIT(ticks >= 4));
    timer_delete(id);
    snprintf(name, sizeof name, "/sigferry-thread-%d", getpid());
    mqd_t q = mq_open(name, O_CREAT | O_RDWR, 0600, &a);
    mq_unlink(name);
    e.sigev_notify_function = note, e.sigev_value.sival_int = 6;
    CHECK(mq_notify(q, &e) == 0);
    CHECK(mq_send(q, "m", 1, 0) == 0);
    CHECK(AWAIT(notes == 1));
    pid_t p = kill_when_asleep(SIGUSR1);
    pause();
    reap(p);
    out("handled %d\n", n);
    return 0;
}
