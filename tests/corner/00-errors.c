/* Semantics: wrong arguments fail as natively: sigprocmask, sigaction, kill, sigqueue, sigaltstack, pthread_kill,
 * sigaddset and friends, sigsuspend's and sigwait's results; libc's SIGRTMIN is 34. */
#include "common.h"
static void handler(int sig) {}
#define SHOW(what, expr) do { errno = 0; long r_ = (long)(expr); int e_ = errno; out("%s: %ld %s\n", what, r_, strerrorname_np(e_)); } while (0)
int main(void)
{
    sigset_t s = set_of(SIGUSR1, 0);
    struct pollfd *volatile nowhere = (struct pollfd *)8;
    on(SIGUSR1, handler, 0);
    raise(SIGUSR1);
    SHOW("how", sigprocmask(77, &s, NULL));
    SHOW("how without set", sigprocmask(77, NULL, &s));
    SHOW("thread how", pthread_sigmask(77, &s, NULL));
    SHOW("raise", raise(900));
    SHOW("raise 0", raise(0));
    SHOW("raise negative", raise(-1));
    SHOW("kill", kill(getpid(), 99));
    SHOW("kill 0", kill(getpid(), 0));
    SHOW("kill nobody", kill(0x3ffffff, SIGUSR1));
    SHOW("sigqueue", sigqueue(getpid(), 99, (union sigval){0}));
    SHOW("sigqueue nobody", sigqueue(0x3ffffff, SIGUSR1, (union sigval){0}));
    SHOW("pthread_kill", pthread_kill(pthread_self(), 99));
    SHOW("pthread_kill 0", pthread_kill(pthread_self(), 0));
    SHOW("pthread_kill 32", pthread_kill(pthread_self(), 32));
    SHOW("tgkill", tgkill(getpid(), 0x3ffffff, SIGUSR1));
    SHOW("sigaddset", sigaddset(&s, 0));
    SHOW("sigaddset", sigaddset(&s, 65));
    SHOW("sigismember", sigismember(&s, 99));
    SHOW("siginterrupt", siginterrupt(99, 1));
    SHOW("signal", signal(99, handler) == SIG_ERR);
    SHOW("killpg", killpg(-5, SIGUSR1));
    struct timespec bad = {0, -1};
    SHOW("sigtimedwait", sigtimedwait(&s, NULL, &bad));
    SHOW("ppoll", ppoll(NULL, 0, &bad, NULL));
    SHOW("poll", poll(nowhere, 1, 0));
    SHOW("read", read(-1, &s, 1));
    SHOW("waitpid", waitpid(-1, NULL, 0));
    SHOW("SIGRTMIN", SIGRTMIN);
    return 0;
}
