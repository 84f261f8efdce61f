/* Case 33: an mq_notify registration made before the first handler survives; its signal arrives with the value. */
#include "common.h"
#include <mqueue.h>
static volatile int n, value, code, others;
static void handler(int sig, siginfo_t *si, void *u) { n++; value = si->si_value.sival_int; code = si->si_code; }
static void other(int sig) { others++; }
int main(void)
{
    struct mq_attr a = {.mq_maxmsg = 4, .mq_msgsize = 8};
    struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 55};
    char name[64], b[8];
    snprintf(name, sizeof name, "/sigferry-notify-%d", getpid());
    mqd_t q = mq_open(name, O_CREAT | O_RDWR, 0600, &a);
    mq_unlink(name);
    CHECK(q >= 0);
    block(SIGUSR1);
    CHECK(mq_notify(q, &e) == 0);
    on_info(SIGUSR1, handler, 0), on(SIGUSR2, other, 0);
    unblock(SIGUSR1);
    pid_t p = kill_when_asleep(SIGUSR2); /* by now everything of ours has started */
    pause();
    reap(p);
    p = child();
    if (p == 0)
        _exit(mq_send(q, "m", 1, 0) ? errno : 0);
    CHECK(AWAIT(n == 1));
    CHECK(reap(p) == 0);
    out("notified %d value %d code %d right %d\n", n, value, code, code == SI_MESGQ);
    CHECK(mq_receive(q, b, 8, NULL) == 1);
    CHECK(mq_notify(q, &e) == 0);
    p = child();
    if (p == 0)
        _exit(mq_send(q, "m", 1, 0) ? errno : 0);
    CHECK(AWAIT(n == 2));
    reap(p);
    out("again %d\n", n);
    return 0;
}
