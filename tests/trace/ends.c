/* Ends while SIGUSR1 waits for an interruption point: `return`s from main, or (`group`) by the system call. Status 3. */
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
    signal(SIGUSR1, handler);
    if (fork() == 0) {
        while (!flag[0])
            ;
        kill(getppid(), SIGUSR1);
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
