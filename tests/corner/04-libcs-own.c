/* Case 4: libc does not let a program send itself the signals that it uses; who asks the kernel may. */
#include "common.h"
static void handler(int sig) { }

static void said(const char *what, int sig, long r)
{
    out("%s %d: %ld %s\n", what, sig, r, r < 0 ? strerrorname_np(errno) : "");
}

int main(void)
{
    const union sigval none = {0};
    on(SIGUSR1, handler, 0);
    for (int sig = 32; sig <= 33; sig++) {
        said("raise", sig, raise(sig));
        said("gsignal", sig, gsignal(sig));
        out("pthread_kill %d: %d\n", sig, pthread_kill(pthread_self(), sig));
        out("pthread_sigqueue %d: %d\n", sig, pthread_sigqueue(pthread_self(), sig, none));
    }
    said("raise", 65, raise(65));
    said("raise", -1, raise(-1));
    for (int by = 0; by < 2; by++) {
        char text[40];
        pid_t pid = child();
        if (pid == 0)
            _exit(10 + (by ? tgkill(getpid(), gettid_(), 32) : kill(getpid(), 32)));
        out("%s 32: %s\n", by ? "tgkill" : "kill", ended(reap(pid), text));
    }
    return 0;
}
