/* Case 27: real-time signals aimed at one thread keep their order when some of them come at a bad moment: inside of
 * malloc, inside of sigprocmask, or two at once with handlers that unblock and block. */
/* limit: 40 */
#include "common.h"
#define COUNT 1500
static volatile int got[4], disorder, nested[4];
static void handler(int sig, siginfo_t *si, void *uc)
{
    int k = sig - SIGRTMIN - 1, e = errno;
    sigset_t old, hup = set_of(SIGHUP, 0);
    if (nested[k]++)
        disorder++;
    if (si->si_value.sival_int != got[k] + 1)
        disorder++;
    got[k] = si->si_value.sival_int;
    sigprocmask(SIG_BLOCK, &hup, &old);
    sigprocmask(SIG_SETMASK, &old, NULL);
    nested[k]--;
    errno = e;
}
static void send_all(pid_t pid, pid_t tid)
{
    for (int n = 1; n <= COUNT; n++)
        for (int k = 0; k < 4; k++) {
            siginfo_t si;
            memset(&si, 0, sizeof si);
            si.si_code = SI_QUEUE;
            si.si_value.sival_int = n;
            while (syscall(SYS_rt_tgsigqueueinfo, pid, tid, SIGRTMIN + 1 + k, &si) != 0)
                usleep(100);
            if (n % 16 == 0 && k == 0)
                usleep(50);
        }
}
static void work(void)
{
    char text[64];
    sigset_t old, some = set_of(SIGRTMIN + 1, SIGRTMIN + 3, 0);
    for (unsigned n = 0; n < 200; n++) {
        void *p = malloc(1 + n * 53 % 3000);
        snprintf(text, sizeof text, "%p", p);
        free(p);
        if (n % 8 == 0) {
            sigprocmask(SIG_BLOCK, &some, &old);
            sigprocmask(SIG_SETMASK, &old, NULL);
        }
    }
}
static void check(const char *who)
{
    int64_t end = now_ms() + 20000;
    for (int n = 0; (got[0] < COUNT || got[1] < COUNT || got[2] < COUNT || got[3] < COUNT) && now_ms() < end; n++) {
        work();
        if (n % 32 == 0)
            usleep(10);
    }
    out("%s: %d %d %d %d disorder %d\n", who, got[0], got[1], got[2], got[3], disorder);
    memset((void *)got, 0, sizeof got);
    disorder = 0;
}
static pid_t aim;
static void *from_within(void *arg)
{
    send_all(getpid(), aim);
    return NULL;
}
int main(void)
{
    pthread_t t;
    for (int k = 0; k < 4; k++)
        on_info(SIGRTMIN + 1 + k, handler, k & 1 ? SA_RESTART : 0);
    aim = gettid_();
    pid_t pid = child();
    if (pid == 0) {
        send_all(getppid(), getppid());
        _exit(0);
    }
    check("from another process");
    CHECK(reap(pid) == 0);
    CHECK(pthread_create(&t, NULL, from_within, NULL) == 0);
    check("from another thread");
    pthread_join(t, NULL);
    return 0;
}
