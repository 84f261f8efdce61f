/* landlock_restrict_self: the process may not open files any more, and neither may any thread of it; signals go on. */
#include "../corner/common.h"
#include <linux/landlock.h>
static volatile int n;
static void handler(int sig) { n++; }
int main(void)
{
    struct landlock_ruleset_attr attr = {.handled_access_fs = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE};
    pid_t me = getpid(), p;
    on(SIGUSR1, handler, 0);
    p = kill_when_asleep(SIGUSR1);
    pause();
    reap(p);
    int fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
    if (fd < 0)
        SKIP("no landlock");
    CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    int r = (int)syscall(SYS_landlock_restrict_self, fd, 0);
    int denied = open("/etc/passwd", O_RDONLY) < 0 ? errno : 0;
    out("restrict %d open: %s\n", r, denied ? strerrorname_np(denied) : "opened");
    for (int k = 0; k < 3; k++) {
        p = child();
        if (p == 0)
            _exit(kill(me, SIGUSR1) ? errno : 0);
        CHECK(AWAIT(n == 2 + k));
        CHECK(reap(p) == 0);
    }
    out("handled %d\n", n);
    return 0;
}
