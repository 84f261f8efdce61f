/* Case 17: pthread_cancel, deferred, of threads blocked in read, poll, nanosleep, sem_wait, pause, select, accept,
 * sigwait, pthread_join and cond_wait: the cleanup handlers run, the result is PTHREAD_CANCELED. */
#include "common.h"
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/un.h>
static int p[2], listener, ep;
static sem_t sem;
static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cv = PTHREAD_COND_INITIALIZER;
static volatile pid_t tid;
static volatile int cleaned;
static void handler(int sig) {}
static void cleanup(void *arg) { cleaned++; }
static void unlock(void *arg) { pthread_mutex_unlock(arg); }
static void *body(void *arg)
{
    long what = (long)arg;
    char c[16];
    struct pollfd pf = {p[0], POLLIN, 0};
    struct timespec t = {30, 0};
    struct epoll_event ev;
    sigset_t s = set_of(SIGUSR2, 0);
    fd_set r;
    int sig;
    pthread_cleanup_push(cleanup, NULL);
    tid = gettid_();
    FD_ZERO(&r);
    FD_SET(p[0], &r);
    switch (what) {
    case 0: (void)!read(p[0], c, 1); break;
    case 1: poll(&pf, 1, -1); break;
    case 2: nanosleep(&t, NULL); break;
    case 3: sem_wait(&sem); break;
    case 4: pause(); break;
    case 5: select(p[0] + 1, &r, NULL, NULL, NULL); break;
    case 6: accept(listener, NULL, NULL); break;
    case 7: sigwait(&s, &sig); break;
    case 8: epoll_wait(ep, &ev, 1, -1); break;
    case 9:
        pthread_mutex_lock(&mu);
        pthread_cleanup_push(unlock, &mu);
        pthread_cond_wait(&cv, &mu);
        pthread_cleanup_pop(1);
        break;
    case 10: sleep(30); break;
    case 11: sigsuspend(&s); break;
    case 12: clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL); break;
    case 13: recv(listener, c, 1, 0); waitpid(-1, NULL, 0); pause(); break;
    case 14: usleep(30000000); break;
    case 15: ppoll(&pf, 1, NULL, NULL); break;
    }
    pthread_cleanup_pop(0);
    return NULL;
}
int main(void)
{
    struct sockaddr_un any = {AF_UNIX, ""};
    struct epoll_event e = {.events = EPOLLIN};
    CHECK(pipe(p) == 0);
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(bind(listener, (struct sockaddr *)&any, sizeof(sa_family_t)) == 0 && listen(listener, 2) == 0);
    ep = epoll_create1(0);
    epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e);
    sem_init(&sem, 0, 0);
    on(SIGUSR1, handler, SA_RESTART), on(SIGUSR2, handler, 0);
    raise(SIGUSR1);
    block(SIGUSR2);
    for (long k = 0; k < 16; k++) {
        pthread_t t;
        void *res = NULL;
        tid = 0;
        CHECK(pthread_create(&t, NULL, body, (void *)k) == 0);
        CHECK(AWAIT(tid) && asleep(getpid(), tid));
        CHECK(pthread_cancel(t) == 0);
        CHECK(pthread_join(t, &res) == 0);
        out("%ld: canceled %d cleaned %d\n", k, res == PTHREAD_CANCELED, cleaned);
    }
    out("lock free %d\n", pthread_mutex_trylock(&mu) == 0);
    return 0;
}
