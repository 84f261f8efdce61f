/* Case 36: what comes while a vfork child runs is handled by its parent like anything else. Here in a handler that a sleeping
 * thread was woken for; and what the second handler sends to one thread is handled in that thread. */
/* not: helper */
#include "common.h"
#define ROUNDS 50
static volatile int *shared_flag;
static volatile int n_b, n_own, n_elsewhere, thread_tid;
static void on_c(int sig, siginfo_t *info, void *uc)
{
    if (syscall(SYS_gettid) == thread_tid)
        n_own++;
    else
        n_elsewhere++;
}
static void on_b(int sig)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = SIGRTMIN + 1;
    info.si_code = SI_QUEUE;
    info.si_pid = getpid();
    CHECK(syscall(SYS_rt_tgsigqueueinfo, getpid(), thread_tid, SIGRTMIN + 1, &info) == 0);
    n_b++;
}
static void on_a(int sig)
{
    pid_t p = vfork();
    if (p == 0) {
        *shared_flag = 1; /* send the second one now */
        while (*shared_flag != 2)
            ;
        _exit(0);
    }
    while (waitpid(p, NULL, 0) < 0 && errno == EINTR)
        ;
}
static void *other(void *arg)
{
    sigset_t s;
    sigemptyset(&s), sigaddset(&s, SIGUSR1), sigaddset(&s, SIGRTMIN);
    pthread_sigmask(SIG_SETMASK, &s, NULL);
    thread_tid = (int)syscall(SYS_gettid);
    for (;;)
        usleep(100);
    return NULL;
}
int main(void)
{
    struct sigaction c = {.sa_sigaction = on_c, .sa_flags = SA_SIGINFO | SA_RESTART};
    pid_t me = getpid(), p;
    pthread_t t;
    shared_flag = shared(4096);
    on(SIGUSR1, on_a, SA_RESTART);
    on(SIGRTMIN, on_b, SA_RESTART);
    sigaction(SIGRTMIN + 1, &c, NULL);
    CHECK(pthread_create(&t, NULL, other, NULL) == 0 && AWAIT(thread_tid));
    for (int k = 1; k <= ROUNDS; k++) {
        *shared_flag = 0;
        if ((p = child()) == 0) {
            int64_t end = now_ms() + DEADLINE_MS;
            kill(me, SIGUSR1);
            while (*shared_flag != 1 && now_ms() < end)
                ;
            kill(me, SIGRTMIN);
            *shared_flag = 2;
            _exit(0);
        }
        if (!CHECK(AWAIT(n_b == k && n_own + n_elsewhere == k)))
            break;
        reap(p);
    }
    out("second handler %d, in its thread %d, elsewhere %d\n", n_b, n_own, n_elsewhere);
    _exit(0);
}
