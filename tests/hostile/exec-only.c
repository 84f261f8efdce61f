/* A child that only execs pays no thread, whatever its parent catches: not when it is forked, not when it puts its
 * descriptors, its mask and its dispositions right. */
#include "../corner/common.h"
static void handler(int sig) {}
static int tasks(void)
{
    char path[64];
    struct stat st;
    snprintf(path, sizeof path, "/proc/%d/task", (int)getpid());
    return stat(path, &st) == 0 ? (int)st.st_nlink - 2 : -1;
}
int main(void)
{
    on(SIGTERM, handler, SA_RESTART), on(SIGCHLD, handler, SA_RESTART), on(SIGUSR1, handler, 0);
    raise(SIGUSR1);
    pid_t pid = kill_when_asleep(SIGUSR1);
    pause();
    reap(pid);
    for (int how = 0; how < 2; how++) {
        pid = how ? _Fork() : fork();
        if (pid == 0) {
            int at_once = tasks();
            dup2(1, 9), close(9), setpgid(0, 0);
            signal(SIGTERM, SIG_DFL), signal(SIGUSR1, SIG_DFL), signal(SIGCHLD, SIG_DFL);
            block(SIGTERM), unblock(SIGTERM);
            out("tasks %d then %d\n", at_once, tasks());
            execl("/bin/true", "true", NULL);
            _exit(9);
        }
        CHECK(reap(pid) == 0);
    }
    return 0;
}
