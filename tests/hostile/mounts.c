/* A program started without /proc, without /dev/shm, with a read-only or a full one: its handlers run as natively. */
/* needs: root */
/* limit: 30 */
#include "../corner/common.h"
#include <sched.h>
#include <sys/mount.h>
static volatile int n;
static void handler(int sig) { n++; }

/* The program itself, anew in those surroundings. */
static int serve(const char *how)
{
    pid_t me = getpid(), p;
    on(SIGUSR1, handler, SA_RESTART), on(SIGRTMIN, handler, 0);
    for (int k = 0; k < 4; k++) {
        p = child();
        if (p == 0) {
            usleep(2000);
            _exit(kill(me, k & 1 ? SIGUSR1 : SIGRTMIN) ? errno : 0);
        }
        CHECK(k < 2 ? AWAIT(n == k + 1) : SPIN(n == k + 1));
        CHECK(reap(p) == 0);
    }
    raise(SIGUSR1);
    if ((p = fork()) == 0) {
        raise(SIGUSR1);
        _exit(n);
    }
    out("%s: handled %d, child %d\n", how, n, WEXITSTATUS(reap(p)));
    return 0;
}
static void fill(const char *path)
{
    char block[4096];
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    memset(block, 'x', sizeof block);
    while (write(fd, block, sizeof block) > 0)
        ;
    close(fd);
}
int main(int argc, char **argv)
{
    static const char *const hows[] = {"no proc", "no shm", "read-only shm", "full shm", "nothing to write"};
    char *me = self(), b[40];
    int ok = 1;
    if (argc > 1)
        return serve(argv[1]);
    for (int how = 0; how < 5; how++) {
        pid_t p = child();
        if (p == 0) {
            char *args[] = {me, (char *)hows[how], NULL};
            int fd = open(me, O_RDONLY | O_CLOEXEC);
            if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
                SKIP("no mount namespaces");
            if (how == 0)
                ok = mount("none", "/proc", "tmpfs", MS_RDONLY, "size=4k") == 0;
            else if (how == 1)
                ok = mount("none", "/dev", "tmpfs", MS_RDONLY, "size=4k") == 0;
            else
                ok = mount("none", "/dev/shm", "tmpfs", how == 2 ? MS_RDONLY : 0, "size=16k") == 0;
            if (how >= 3)
                fill("/dev/shm/all");
            if (how == 4) { /* and nowhere else either */
                setenv("XDG_RUNTIME_DIR", "/dev/shm", 1);
                setenv("TMPDIR", "/dev/shm", 1);
                setenv("HOME", "/dev/shm", 1);
            }
            CHECK(ok);
            fexecve(fd, args, environ);
            out("%s\n", strerrorname_np(errno));
            _exit(9);
        }
        int st = reap(p);
        if (WIFEXITED(st) && WEXITSTATUS(st) == 77)
            _exit(77);
        out("%s\n", ended(st, b));
    }
    return 0;
}
