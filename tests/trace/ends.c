/* Ends while SIGUSR1 waits for an interruption point: `return`s from main, or (`group`) by the system call. Status 3.
 * With one more argument it is a real-time signal, which waits in the kernel's queue. There is a child, not waited for. */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static void handler(int sig) {}

int main(int argc, char **argv)
{
    volatile int *flag = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int sig = argc > 2 ? SIGRTMIN + 1 : SIGUSR1;
    signal(sig, handler);
    if (fork() == 0) {
        while (!flag[0])
            ;
        kill(getppid(), sig);
        flag[1] = 1;
        _exit(0);
    }
    usleep(1);
    flag[0] = 1;
    while (!flag[1])
        ;
    if (argc > 1 && !strcmp(argv[1], "group"))
        syscall(SYS_exit_group, 3);
    return 3;
}
