/* Case 1: while (!flag) pause(), a hundred rounds with the signal at any moment; natively some wake-up falls
 * between the check and the call and is lost. */
/* native: loses (the signal comes between the check and pause) */
/* expect: ok */
/* not: now safe-point (they may cut in between the check and the call) */
#include "common.h"
static volatile sig_atomic_t flag;
static void handler(int sig) { flag = 1; }
int main(void)
{
    int ping[2], rounds = 300;
    on(SIGUSR1, handler, 0);
    if (pipe(ping))
        return 1;
    pid_t me = getpid(), p = child();
    if (p == 0) {
        char c;
        close(ping[1]);
        while (read(ping[0], &c, 1) == 1) {
            for (volatile int i = 0; i < (c * 37) % 2000; i++)
                ;
            kill(me, SIGUSR1);
        }
        _exit(0);
    }
    close(ping[0]);
    for (int i = 0; i < rounds; i++) {
        char c = (char)i;
        flag = 0;
        if (write(ping[1], &c, 1) != 1)
            return 2;
        while (!flag)
            pause();
    }
    close(ping[1]);
    reap(p);
    out("ok\n");
    return 0;
}
