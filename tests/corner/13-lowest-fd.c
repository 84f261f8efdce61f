/* Case 13: the lowest free descriptor is what the program expects, RLIMIT_NOFILE of 10 is enough, a full table
 * stops no signal, children inherit nothing. */
#include "common.h"
#include <dirent.h>
#include <sys/resource.h>
static volatile sig_atomic_t n;
static void handler(int sig) { n++; }
static int count(void)
{
    int c = 0;
    for (int fd = 0; fd < 64; fd++)
        c += fcntl(fd, F_GETFD) >= 0;
    return c;
}
int main(int argc, char **argv)
{
    if (argc > 1) {
        out("exec: descriptors %d\n", count());
        return 0;
    }
    closefrom(3);
    struct rlimit r = {10, 10};
    CHECK(setrlimit(RLIMIT_NOFILE, &r) == 0);
    on(SIGUSR1, handler, SA_RESTART);
    int fd = open("/dev/null", O_RDONLY);
    out("open gives %d, descriptors %d\n", fd, count());
    pid_t p = kill_when_asleep(SIGUSR1);
    pause();
    reap(p);
    out("dup gives %d\n", dup(0));
    p = kill_when_asleep(SIGUSR1);
    pause();
    reap(p);
    while ((fd = dup(0)) >= 0)
        out("%d ", fd);
    out("%s handled %d\n", strerrorname_np(errno), (int)n);
    p = child();
    if (p == 0) {
        closefrom(3);
        execl(self(), "self", "x", (char *)NULL);
    }
    reap(p);
    volatile int *hits = shared(4096);
    p = child();
    if (p == 0) {
        n = 0;
        *hits = -1;
        while (!n)
            pause();
        *hits = n;
        _exit(0);
    }
    CHECK(AWAIT(*hits));
    while (*hits < 0) { /* with its descriptors full, the parent cannot look whether the child sleeps */
        kill(p, SIGUSR1);
        usleep(2000);
    }
    reap(p);
    out("child handled\n");
    return 0;
}
