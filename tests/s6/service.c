/* A service as s6 likes it: tells that it is ready by a newline on descriptor 3, and appends to "log" what happens. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t seen[65];

static void handler(int signo)
{
    seen[signo] = 1;
}

static void note(const char *what)
{
    int fd = open("log", O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    char line[64];
    strcat(strcpy(line, what), "\n");
    if (write(fd, line, strlen(line)) < 0)
        abort();
    close(fd);
}

int main(void)
{
    static const struct {
        int signo;
        const char *name;
    } known[] = {{SIGHUP, "hup"}, {SIGUSR1, "usr1"}, {SIGUSR2, "usr2"}, {SIGINT, "int"}, {SIGTERM, "term"}};
    struct sigaction act = {.sa_handler = handler};
    sigset_t all, none;
    sigemptyset(&none);
    sigemptyset(&all);
    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
        sigaddset(&all, known[i].signo);
    sigprocmask(SIG_SETMASK, &all, NULL); /* open in sigsuspend alone: who is ready may be sent something at once */
    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
        sigaction(known[i].signo, &act, NULL);
    note("start");
    if (write(3, "\n", 1) == 1)
        close(3);
    for (;;) {
        sigsuspend(&none);
        for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++) {
            if (!seen[known[i].signo])
                continue;
            seen[known[i].signo] = 0;
            note(known[i].name);
            if (known[i].signo == SIGTERM)
                return 7;
        }
    }
}
