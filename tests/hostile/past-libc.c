/* A runtime as Go's with cgo: it installs its handlers through libc, for every signal there is, and does all else by instruction.
 * Threads are made with everything blocked and open their masks themselves; main blocks all, and sleeps. */
/* limit: 30 */
#include "../corner/common.h"

#include <linux/futex.h>

__asm__(".pushsection .note.go.buildid,\"a\",@note\n.balign 4\n.long 4, 4, 4\n.ascii \"Go\\0\\0made\"\n.popsection");

static volatile int handled, of_rt, ready;

static void handler(int signo)
{
    __atomic_fetch_add(signo == SIGUSR1 ? &handled : &of_rt, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &handled, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void set_mask(uint64_t set)
{
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &set, NULL, 8);
}

static void *thread(void *arg)
{
    set_mask(0);
    __atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
    for (;;)
        syscall(SYS_pause);
    return arg;
}

int main(void)
{
    struct sigaction act = {.sa_handler = handler, .sa_flags = SA_ONSTACK | SA_RESTART};
    sigset_t all, was;
    pthread_t t;
    int refused = 0;

    sigfillset(&act.sa_mask);
    for (int s = 1; s <= 64; s++)
        if (s != SIGKILL && s != SIGSTOP && s != 32 && s != 33 && s != SIGCHLD)
            refused += sigaction(s, &act, NULL) != 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &was);
    for (int i = 0; i < 3; i++)
        pthread_create(&t, NULL, thread, NULL);
    pthread_sigmask(SIG_SETMASK, &was, NULL);
    CHECK(AWAIT(ready == 3));
    set_mask(~0ull);
    for (int i = 1; i <= 100; i++) {
        syscall(SYS_kill, getpid(), SIGUSR1);
        for (int seen; (seen = handled) < i;)
            syscall(SYS_futex, &handled, FUTEX_WAIT, seen, NULL, NULL, 0);
    }
    for (int s = 34; s <= 64; s++)
        syscall(SYS_kill, getpid(), s);
    CHECK(AWAIT(of_rt == 31));
    out("refused %d, handled %d, real-time %d\n", refused, handled, of_rt);
    return 0;
}
