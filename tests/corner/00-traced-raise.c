/* A tracer sees what its tracee sends to itself, before the handler does. */
#include "common.h"
#include <sys/ptrace.h>
static volatile int n;
static void handler(int sig) { n++; }

int main(void)
{
    int st;
    char b[40];
    on(SIGUSR2, handler, 0);
    on(SIGUSR1, handler, 0);
    for (int by_number = 0; by_number < 2; by_number++) {
        pid_t p = child();
        if (p == 0) {
            CHECK((by_number ? syscall(SYS_ptrace, PTRACE_TRACEME, 0, NULL, NULL) : ptrace(PTRACE_TRACEME, 0, NULL, NULL)) == 0);
            raise(SIGUSR1);
            kill(getpid(), SIGUSR2);
            sigqueue(getpid(), SIGUSR1, (union sigval){7});
            _exit(n);
        }
        while (waitpid(p, &st, 0) == p && WIFSTOPPED(st)) {
            out("stopped by %s, goes on with it\n", sigabbrev_np(WSTOPSIG(st)));
            CHECK(ptrace(PTRACE_CONT, p, NULL, (void *)(uintptr_t)WSTOPSIG(st)) == 0);
        }
        out("%s\n", ended(st, b));
    }
    /* (and the parent is none) */
    raise(SIGUSR1);
    out("handled %d\n", n);
    return 0;
}
