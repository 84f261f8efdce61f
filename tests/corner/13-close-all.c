/* Case 13: closefrom, close_range, a loop over /proc/self/fd and close by number; signals still arrive. */
#include "common.h"
#include <dirent.h>
static volatile sig_atomic_t n;
static void handler(int sig) { n++; }
static void one(const char *how)
{
    pid_t p = kill_when_asleep(SIGTERM);
    int at = n;
    while (n == at)
        pause();
    out("%s: handled %d\n", how, (int)n);
    reap(p);
}
int main(void)
{
    on(SIGTERM, handler, SA_RESTART);
    on(SIGCHLD, handler, SA_RESTART | SA_NOCLDSTOP);
    signal(SIGCHLD, SIG_DFL);
    one("before");
    closefrom(3);
    one("closefrom");
    CHECK(close_range(3, ~0u, 0) == 0);
    one("close_range");
    CHECK(close_range(3, ~0u, CLOSE_RANGE_UNSHARE) == 0);
    one("close_range unshare");
    DIR *d = opendir("/proc/self/fd");
    struct dirent *e;
    int seen = 0;
    while ((e = readdir(d)))
        if (e->d_name[0] != '.' && atoi(e->d_name) > 2) {
            seen++;
            if (atoi(e->d_name) != dirfd(d))
                close(atoi(e->d_name));
        }
    closedir(d);
    out("descriptors beyond the three: %d\n", seen - 1);
    one("loop");
    for (int fd = 3; fd < 1024; fd++)
        close(fd);
    one("numbers");
    return 0;
}
