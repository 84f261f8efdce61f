/* Case 33: POSIX record locks taken before the first handler survive it; a dnotify registration does, too. */
#include "common.h"
static volatile int n;
static void handler(int sig) { n++; }
static int locked(const char *path)
{
    int st;
    pid_t p = child();
    if (p == 0) {
        struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        int fd = open(path, O_RDWR);
        _exit(fcntl(fd, F_SETLK, &l) == 0 ? 0 : 1);
    }
    st = reap(p);
    return WEXITSTATUS(st);
}
int main(void)
{
    char path[] = "lock-XXXXXX";
    int fd = mkstemp(path);
    struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    CHECK(fcntl(fd, F_SETLK, &l) == 0);
    out("locked %d\n", locked(path));
    on(SIGUSR1, handler, SA_RESTART);
    for (int k = 0; k < 3; k++) {
        pid_t p = kill_when_asleep(SIGUSR1);
        pause();
        reap(p);
        out("locked %d handled %d\n", locked(path), n);
    }
    int dir = open(".", O_RDONLY);
    on(SIGIO, handler, 0);
    if (fcntl(dir, F_NOTIFY, DN_CREATE | DN_MULTISHOT) == 0) {
        int f2 = open("made", O_CREAT | O_RDWR, 0600);
        CHECK(AWAIT(n == 4));
        close(f2);
        unlink("made");
    }
    unlink(path);
    return 0;
}
