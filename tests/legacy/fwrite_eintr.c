/* A handler without SA_RESTART and a pipe with a slow reader: the write inside fwrite() ends with EINTR, stdio
 * throws its buffer away, and nobody looks at fwrite's result. */
#include "legacy.h"

#define RECORDS 3000 /* and more, until the handler has run often enough */
#define RECORD 100
#define TARGET 40

static void on_signal(int signo)
{
    count_handled();
}

/* Count what arrives, 4 KiB at a time with a rest between; the exit status says whether all came. */
static void reader(int fd, const atomic_uint *records)
{
    char buf[4096];
    size_t total = 0;
    ssize_t n;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while ((n = read(fd, buf, sizeof buf)) > 0) {
        total += (size_t)n;
        nap_us(2000);
    }
    _exit(total == (size_t)atomic_load(records) * RECORD ? 0 : 1);
}

int main(void)
{
    char record[RECORD];
    int fd[2], status = -1;
    atomic_uint *records = mmap(NULL, sizeof *records, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    sender_start(SIGUSR1, 300, 100000, STORM);
    if (records == MAP_FAILED || pipe(fd) != 0)
        return 2;
    pid_t pid = fork();
    if (pid == 0) {
        close(fd[1]);
        reader(fd[0], records);
    }
    close(fd[0]);
    FILE *out = fdopen(fd[1], "w");
    if (!out)
        return 2;
    memset(record, 'r', sizeof record);
    catch_signal(SIGUSR1, on_signal, 0);
    sender_go();
    for (unsigned i = 0; i < RECORDS || (handled() < TARGET && i < 20 * RECORDS); i++) {
        atomic_fetch_add(records, 1);
        fwrite(record, 1, sizeof record, out);
    }
    fclose(out);
    atomic_store(&counters->stop, 1);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return verdict(status == 0 ? NULL : "the reader did not get every record", TARGET);
}
