/* Case 31: A signals B, then writes to B's pipe: when B's read, poll or recv returns, its handler has run; 300
 * rounds, B parked or not. */
/* limit: 40 */
#include "common.h"
#include <sys/socket.h>
static volatile int n;
static void handler(int sig) { n++; }
int main(void)
{
    int s[2], missed = 0;
    pid_t me = getpid();
    char c;
    on(SIGUSR1, handler, SA_RESTART);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    pid_t p = child();
    if (p == 0) {
        close(s[0]);
        for (int k = 0; k < 300; k++) {
            if (read(s[1], &c, 1) != 1)
                _exit(1);
            if (k % 3 == 0)
                usleep(300);
            kill(me, SIGUSR1);
            if (write(s[1], "x", 1) != 1)
                _exit(2);
        }
        _exit(0);
    }
    close(s[1]);
    for (int k = 0; k < 300; k++) {
        struct pollfd f = {s[0], POLLIN, 0};
        ssize_t r;
        CHECK(write(s[0], "g", 1) == 1);
        if (k % 4 == 1)
            for (volatile int i = 0; i < 20000; i++)
                ;
        if (k % 4 == 2)
            while (poll(&f, 1, -1) < 0)
                ;
        while ((r = k % 4 == 3 ? recv(s[0], &c, 1, 0) : read(s[0], &c, 1)) < 0)
            ;
        if (n != k + 1)
            missed++;
        CHECK(AWAIT(n == k + 1));
    }
    out("missed %d\n", missed);
    reap(p);
    return 0;
}
