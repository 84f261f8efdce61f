/* Case 16: SIGSEGV, SIGBUS and SIGPIPE sent by another process, with SA_RESETHAND handlers that install themselves anew,
 * while the program changes dispositions, masks and ids, forks and execs: where the library has its own locks. */
#include "common.h"
static volatile int *count;
static void handler(int sig);
static void install(int sig) { on(sig, handler, (int)((unsigned)SA_RESETHAND | SA_NODEFER)); }
static void handler(int sig)
{
    install(sig);
    __atomic_fetch_add(count, 1, __ATOMIC_SEQ_CST);
}
static void nothing(int sig) { }
int main(void)
{
    static const int sent[] = {SIGSEGV, SIGBUS, SIGPIPE};
    pid_t me = getpid(), sender;
    sigset_t set = set_of(SIGUSR2, 0), old;
    count = shared(64);
    for (unsigned i = 0; i < 3; i++)
        install(sent[i]);
    on(SIGUSR1, nothing, SA_RESTART);
    sender = child();
    if (sender == 0) {
        for (int k = 0; k < 1500; k++) {
            kill(me, sent[k % 3]);
            if (!SPIN(*count == k + 1))
                break;
        }
        count[1] = 1;
        _exit(0);
    }
    for (unsigned k = 0; !count[1]; k++) {
        on(SIGUSR2, k % 2 ? nothing : SIG_DFL, 0);
        sigprocmask(SIG_BLOCK, &set, &old);
        sigprocmask(SIG_SETMASK, &old, NULL);
        if (k % 16 == 0)
            CHECK(setegid(getegid()) == 0);
        if (k % 64 == 0) {
            pid_t p = fork();
            if (p == 0)
                _exit(0);
            reap(p);
        }
    }
    reap(sender);
    out("handled %d\n", *count);
    return 0;
}
