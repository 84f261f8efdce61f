/* supervise PROGRAM ARGUMENTS: starts the program again whenever it ends, until SIGTERM or SIGINT; SIGHUP is passed on.
 *
 * A whole supervisor with no handler, no flag and no race: every signal is read from a descriptor, one after the other, in
 * the one place that waits.
 *
 *   cc supervise.c $(pkg-config --cflags --libs sigferry-client)
 */
#include <poll.h>
#include <sigferry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t start(char **argv)
{
    pid_t pid = fork();
    if (pid == 0) {
        sigferry_pipe_finish(); /* the program is to begin with the masks that we began with */
        execvp(argv[0], argv);
        perror(argv[0]);
        _exit(127);
    }
    printf("started %s\n", argv[0]);
    fflush(stdout);
    return pid;
}

int main(int argc, char **argv)
{
    sigset_t set;
    siginfo_t info;
    pid_t pid;
    int fd = sigferry_pipe_init(0), stopping = 0;
    struct pollfd wait_for = {fd, POLLIN, 0};

    if (argc < 2 || fd < 0) {
        fprintf(stderr, argc < 2 ? "usage: supervise PROGRAM [ARGUMENT]...\n" : "no descriptor\n");
        return 2;
    }
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    if (sigferry_pipe_trapset(&set) < 0) {
        perror("trap");
        return 2;
    }
    pid = start(argv + 1);
    for (;;) {
        poll(&wait_for, 1, -1);
        for (int signo; (signo = sigferry_pipe_read_info(&info)) > 0;) {
            if (signo != SIGCHLD) {
                printf("%s from %d\n", strsignal(signo), (int)info.si_pid);
                stopping |= signo != SIGHUP;
                kill(pid, signo);
            } else if (waitpid(pid, NULL, WNOHANG) == pid) {
                printf("ended\n");
                if (stopping)
                    return 0;
                pid = start(argv + 1);
            }
            fflush(stdout);
        }
    }
}
