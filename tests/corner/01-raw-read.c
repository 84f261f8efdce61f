/* Case 1: a call that sleeps, made by syscall(2): it ends for a handler without SA_RESTART, which has run before, and goes on
 * after one with it. */
#include "common.h"
static volatile int *ran;
static void handler(int sig) { ++*ran; }

int main(void)
{
    int fd[2];
    char byte = 0;
    CHECK(pipe(fd) == 0);
    ran = shared(4096);
    for (int i = 0; i < 3; i++) {
        on(SIGUSR1, handler, 0);
        pid_t p = kill_when_asleep(SIGUSR1);
        long r = syscall(SYS_read, fd[0], &byte, 1);
        out("read %ld %s, handled %d\n", r, r < 0 ? strerrorname_np(errno) : "", *ran);
        reap(p);
        on(SIGUSR1, handler, SA_RESTART);
        pid_t me = getpid();
        p = child();
        if (p == 0) {
            int had = *ran;
            CHECK(asleep(me, me) && kill(me, SIGUSR1) == 0);
            CHECK(AWAIT(*ran > had));
            CHECK(asleep(me, me) && write(fd[1], "x", 1) == 1);
            _exit(0);
        }
        r = syscall(SYS_read, fd[0], &byte, 1);
        out("read %ld %c, handled %d\n", r, byte, *ran);
        reap(p);
    }
    return 0;
}
