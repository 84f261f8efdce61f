/* Case 24: a thread reads its own signalfd in an epoll loop, as services do; the signals have handlers, too, which run only
 * before they are blocked and after. 6,000 real-time signals from three processes, aimed at threads as well: every one
 * comes, in its sender's order. */
/* limit: 40 */
#include "common.h"
#include <sys/epoll.h>
#include <sys/signalfd.h>
#define EACH 2000
static volatile int handled, disorder, seen[3];
static volatile pid_t tid;
static void handler(int sig) { handled++; }
static void *busy(void *arg)
{
    volatile int *stop = arg;
    while (!*stop)
        free(malloc(100));
    return NULL;
}
static int total(void) { return seen[0] + seen[1] + seen[2]; }
static void *serve(void *arg)
{
    struct epoll_event ev = {.events = EPOLLIN};
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, *(int *)arg, &ev) == 0);
    tid = gettid_();
    while (total() < 3 * EACH && epoll_wait(epoll, &ev, 1, DEADLINE_MS) != 0) {
        struct signalfd_siginfo f[5];
        ssize_t r;
        while ((r = read(*(int *)arg, f, sizeof f)) > 0)
            for (size_t i = 0; i < (size_t)r / sizeof f[0]; i++) {
                int who = (int)f[i].ssi_signo - SIGRTMIN - 1;
                disorder += f[i].ssi_int != seen[who];
                seen[who]++;
            }
    }
    return NULL;
}
int main(void)
{
    sigset_t s = set_of(SIGRTMIN + 1, SIGRTMIN + 2, SIGRTMIN + 3, 0);
    pthread_t t, u;
    pid_t me = getpid(), p[3];
    volatile int stop = 0;
    for (int w = 0; w < 3; w++)
        on(SIGRTMIN + 1 + w, handler, SA_RESTART), raise(SIGRTMIN + 1 + w);
    sigprocmask(SIG_BLOCK, &s, NULL);
    int fd = signalfd(-1, &s, SFD_CLOEXEC | SFD_NONBLOCK);
    pthread_create(&t, NULL, serve, &fd), pthread_create(&u, NULL, busy, (void *)&stop);
    CHECK(AWAIT(tid));
    for (int w = 0; w < 3; w++) {
        p[w] = child();
        if (p[w] == 0) {
            siginfo_t si = {.si_code = SI_QUEUE};
            for (int k = 0; k < EACH; k++) {
                si.si_value.sival_int = k;
                /* The last of them aims at the thread that reads: only it sees those. */
                while ((w < 2 ? sigqueue(me, SIGRTMIN + 1 + w, si.si_value)
                              : (int)syscall(SYS_rt_tgsigqueueinfo, me, tid, SIGRTMIN + 3, &si)) && errno == EAGAIN)
                    usleep(100);
            }
            _exit(0);
        }
    }
    pthread_join(t, NULL);
    stop = 1;
    pthread_join(u, NULL);
    for (int w = 0; w < 3; w++)
        reap(p[w]);
    out("seen %d %d %d disorder %d handled %d pending %d\n", seen[0], seen[1], seen[2], disorder, handled, !!my_pending());
    sigprocmask(SIG_UNBLOCK, &s, NULL);
    raise(SIGRTMIN + 2);
    out("handled %d\n", handled);
    return 0;
}
