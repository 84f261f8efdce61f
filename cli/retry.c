/* A handler that ends the program can be met but once a run. Each further run tries what no one before has, and each at
 * another moment of a call: of entry, exit and between, so that after three without anything new there is nothing more to
 * be had. */
#include <cli/retry.h>

#include <cli/cli.h>
#include <cli/directory.h>
#include <cli/session.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MOMENTS = 3 };

int sf_retry_begin(struct sf_retry *r, const char *dir, int64_t budget_ns)
{
    char path[SF_DIRECTORY + sizeof SF_PROVOKE_TABLE + 1];
    void *at = MAP_FAILED;
    int fd;

    memset(r, 0, sizeof *r);
    r->until_ns = sf_monotonic() + (uint64_t)budget_ns;
    r->input = lseek(STDIN_FILENO, 0, SEEK_CUR);
    snprintf(path, sizeof path, "%s/" SF_PROVOKE_TABLE, dir);
    fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0 && !posix_fallocate(fd, 0, sizeof *r->table)) /* a full disk must not end the program by SIGBUS */
        at = mmap(NULL, sizeof *r->table, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd >= 0)
        close(fd);
    if (at == MAP_FAILED)
        return sf_fail(SF_EXIT_FAILED, "%s: cannot be made: %s", path, strerror(errno));
    r->table = at;
    return 0;
}

/* How many there are; returns how many more have been tried than before. */
static unsigned count(struct sf_retry *r)
{
    unsigned had = r->tried;

    r->pairs = r->tried = 0;
    for (int n = 0; n < SF_PROVOKE_FUNCTIONS; n++) {
        r->pairs += (unsigned)__builtin_popcountll(r->table->seen[n] | r->table->tried[n]);
        r->tried += (unsigned)__builtin_popcountll(r->table->tried[n]);
    }
    return r->tried - had;
}

int sf_retry_again(struct sf_retry *r)
{
    if (!r->table)
        return 0;
    r->runs++;
    r->idle = count(r) ? 0 : r->idle + 1;
    if (r->tried == r->pairs || r->idle == MOMENTS)
        return 0;
    r->out_of_time = sf_monotonic() >= r->until_ns;
    if (r->out_of_time)
        return 0;
    if (r->input >= 0)
        lseek(STDIN_FILENO, r->input, SEEK_SET);
    r->table->run = r->runs;
    return 1;
}

void sf_retry_end(struct sf_retry *r)
{
    if (r->table)
        munmap(r->table, sizeof *r->table);
    r->table = NULL;
}
