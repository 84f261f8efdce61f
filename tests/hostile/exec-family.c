/* Every way into another program: its mask, what it ignores and catches, and what still pends are as natively; and
 * a failed attempt leaves the caller as it was. */
#include "../corner/common.h"
extern char **environ;
static volatile int handled;
static void handler(int sig) { handled++; }
static char me[512];

/* In the new program: what the kernel says, then everything that pends, in order. */
static int look(const char *how)
{
    struct timespec none = {0, 0};
    siginfo_t si;
    sigset_t all;
    int sig;
    show_status(how);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    while ((sig = sigtimedwait(&all, &si, &none)) > 0)
        out("%s: pending %d code %d value %d\n", how, sig, si.si_code, sig >= SIGRTMIN ? si.si_value.sival_int : 0);
    return 0;
}

static const char *const ways[] = {"execve", "execv", "execvp", "execvpe", "execl", "execlp", "execle", "fexecve", "execveat",
                                   "syscall execve", "syscall execveat", "execveat by descriptor"};

static int go(int how, const char *path, char **argv)
{
    int fd;
    switch (how) {
    case 0: return execve(path, argv, environ);
    case 1: return execv(path, argv);
    case 2: return execvp(path, argv);
    case 3: return execvpe(path, argv, environ);
    case 4: return execl(path, argv[0], argv[1], argv[2], NULL);
    case 5: return execlp(path, argv[0], argv[1], argv[2], NULL);
    case 6: return execle(path, argv[0], argv[1], argv[2], NULL, environ);
    case 7: fd = open(path, O_RDONLY | O_CLOEXEC); return fexecve(fd, argv, environ);
    case 8: return execveat(AT_FDCWD, path, argv, environ, 0);
    case 9: return (int)syscall(SYS_execve, path, argv, environ);
    case 10: return (int)syscall(SYS_execveat, AT_FDCWD, path, argv, environ, 0);
    default: fd = open(path, O_PATH | O_CLOEXEC); return execveat(fd, "", argv, environ, AT_EMPTY_PATH);
    }
}

static void prepare(void)
{
    on(SIGHUP, handler, 0), on(SIGUSR1, handler, SA_RESTART), on(SIGRTMIN + 2, handler, 0), on(SIGTERM, handler, 0);
    signal(SIGUSR2, SIG_IGN);
    raise(SIGUSR1); /* so that all is under way */
    block(SIGUSR1), block(SIGRTMIN + 2), block(SIGTERM), block(SIGALRM);
    kill(getpid(), SIGUSR1);
    pthread_kill(pthread_self(), SIGTERM);
    for (int k = 1; k <= 3; k++)
        sigqueue(getpid(), SIGRTMIN + 2, (union sigval){k});
}

int main(int argc, char **argv)
{
    char b[40];
    if (argc > 2 && !strcmp(argv[1], "--look"))
        return look(argv[2]);
    strcpy(me, self());
    for (int how = 0; how < (int)(sizeof ways / sizeof *ways); how++) {
        char *args[] = {me, (char *)"--look", (char *)ways[how], NULL}, *nothing[] = {(char *)"x", NULL, NULL, NULL};
        pid_t pid = child();
        if (pid == 0) {
            prepare();
            uint64_t mask = my_mask(), pend = my_pending();
            errno = 0;
            go(how, "/nowhere/at-all", nothing);
            out("%s failed: %s mask kept %d pending kept %d handled %d\n", ways[how], strerrorname_np(errno),
                my_mask() == mask, my_pending() == pend, handled);
            raise(SIGHUP);
            out("%s handled %d\n", ways[how], handled);
            go(how, me, args);
            _exit(9);
        }
        out("%s\n", ended(reap(pid), b));
    }
    return 0;
}
