/* Case 1: flock, fcntl(F_SETLKW), lockf, fcntl(F_OFD_SETLKW) against a lock that a child holds. */
#include "eintr.h"
#include <sys/file.h>
static volatile int *go;
static char path[] = "lock-XXXXXX";
static int fd;
static pid_t holder;
static void hold(int how)
{
    struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    *go = 0;
    if (holder > 0)
        kill(holder, SIGKILL), reap(holder);
    close(fd);
    fd = open(path, O_RDWR);
    holder = child();
    if (holder == 0) {
        int own = open(path, O_RDWR);
        int r = how == 0 ? flock(own, LOCK_EX) : fcntl(own, how == 1 ? F_SETLK : F_OFD_SETLK, &l);
        *go = r == 0 ? 1 : -1;
        _exit(AWAIT(*go == 2) ? 0 : 1);
    }
    CHECK(AWAIT(*go) && *go == 1);
}
static void hold_flock(void) { hold(0); }
static void hold_posix(void) { hold(1); }
static void hold_ofd(void) { hold(2); }
static void complete(void) { *go = 2; }
static long do_flock(void) { return flock(fd, LOCK_EX); }
static long do_lockf(void) { return lockf(fd, F_LOCK, 0); }
static long do_setlkw(void)
{
    struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_SETLKW, &l);
}
static long do_ofd(void)
{
    struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_OFD_SETLKW, &l);
}
int main(void)
{
    static const struct blocking_call calls[] = {{"flock", do_flock, complete, hold_flock},
        {"lockf", do_lockf, complete, hold_posix}, {"F_SETLKW", do_setlkw, complete, hold_posix},
        {"F_OFD_SETLKW", do_ofd, complete, hold_ofd}};
    go = shared(4096);
    close(mkstemp(path));
    fd = open(path, O_RDWR);
    EINTR_TABLE(calls);
    *go = 2;
    unlink(path);
    return 0;
}
