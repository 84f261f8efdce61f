/* Case 1: msgrcv, msgsnd, semop (never restarted), mq_receive and sem_wait (restarted). */
#include "eintr.h"
#include <mqueue.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
static int q = -1, sems = -1;
static mqd_t mq = -1;
static sem_t *sem;
static struct { long type; char text[8]; } m = {1, "x"};
static void new_q(void) { if (q >= 0) msgctl(q, IPC_RMID, NULL); q = msgget(IPC_PRIVATE, 0600); }
static void new_sem(void) { if (sems >= 0) semctl(sems, 0, IPC_RMID); sems = semget(IPC_PRIVATE, 1, 0600); }
static void new_mq(void)
{
    struct mq_attr a = {.mq_maxmsg = 2, .mq_msgsize = 8};
    char name[64];
    snprintf(name, sizeof name, "/sigferry-test-%d", getpid());
    if (mq >= 0)
        mq_close(mq);
    mq = mq_open(name, O_CREAT | O_RDWR, 0600, &a);
    mq_unlink(name);
    CHECK(mq >= 0);
}
static void new_posix(void) { sem_init(sem, 1, 0); }
static long do_msgrcv(void) { return msgrcv(q, &m, 8, 0, 0); }
static long do_semop(void) { struct sembuf b = {0, -1, 0}; return semop(sems, &b, 1); }
static long do_mq(void) { char b[8]; return mq_receive(mq, b, 8, NULL); }
static void give_mq(void) { mq_send(mq, "x", 1, 0); }
static long do_sem(void) { return sem_wait(sem); }
static void give_sem(void) { sem_post(sem); }
static long do_semtimed(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec += 15;
    return sem_timedwait(sem, &t);
}
int main(void)
{
    static const struct blocking_call calls[] = {{"msgrcv", do_msgrcv, NULL, new_q}, {"semop", do_semop, NULL, new_sem},
        {"mq_receive", do_mq, give_mq, new_mq}, {"sem_wait", do_sem, give_sem, new_posix},
        {"sem_timedwait", do_semtimed, give_sem, new_posix}};
    sem = shared(4096);
    EINTR_TABLE(calls);
    msgctl(q, IPC_RMID, NULL);
    semctl(sems, 0, IPC_RMID);
    return 0;
}
