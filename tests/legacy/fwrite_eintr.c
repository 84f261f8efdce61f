/* A handler without SA_RESTART and a pipe with a slow reader: the write inside fwrite() ends with EINTR, stdio
 * throws its buffer away, and nobody looks at fwrite's result. */
#include "legacy.h"

#define RECORDS 3000
#define RECORD 100

static void on_signal(int signo)
{
    count_handled();
}

/* Count what arrives, 4 KiB at a time with a rest between; the exit status says whether all came. */
static void reader(int fd)
{
    char buf[4096];
    size_t total = 0;
    ssize_t n;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while ((n = read(fd, buf, sizeof buf)) > 0) {
        total += (size_t)n;
        nap_us(2000);
    }
    _exit(total == RECORDS * RECORD ? 0 : 1);
}

int main(void)
{
    char record[RECORD];
    int fd[2], status = -1;

    sender_start(SIGUSR1, 300, 100000, STORM);
    if (pipe(fd) != 0)
        return 2;
    pid_t pid = fork();
    if (pid == 0) {
        close(fd[1]);
        reader(fd[0]);
    }
    close(fd[0]);
    FILE *out = fdopen(fd[1], "w");
    if (!out)
        return 2;
    memset(record, 'r', sizeof record);
    catch_signal(SIGUSR1, on_signal, 0);
    sender_go();
    for (int i = 0; i < RECORDS; i++)
        fwrite(record, 1, sizeof record, out);
    fclose(out);
    atomic_store(&counters->stop, 1);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return verdict(status == 0 ? NULL : "the reader did not get every record", 40);
}
