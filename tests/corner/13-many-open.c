/* Case 13: pipes close when the program closes them: nobody else holds a copy (end of file is seen). */
#include "common.h"
#include <sys/socket.h>
static volatile sig_atomic_t n;
static void handler(int sig) { n++; }
int main(void)
{
    int before[2], after[2], s[2];
    char c;
    CHECK(pipe(before) == 0);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, s) == 0);
    on(SIGUSR1, handler, SA_RESTART);
    pid_t p = kill_when_asleep(SIGUSR1);
    pause();
    reap(p);
    CHECK(pipe(after) == 0);
    close(before[1]), close(after[1]), close(s[1]);
    ssize_t x = read(before[0], &c, 1), y = read(after[0], &c, 1), z = read(s[0], &c, 1);
    out("%zd %zd %zd\n", x, y, z);
    CHECK(pipe(before) == 0);
    close(before[0]);
    signal(SIGPIPE, SIG_IGN);
    ssize_t w = write(before[1], "x", 1);
    out("%zd %s\n", w, strerrorname_np(errno));
    return 0;
}
