/* From /proc/PID/task/TID/syscall (the call that a thread sleeps in, with its arguments) and /proc/PID/fdinfo (what an
 * epoll watches, which signals a signalfd has). Whoever may read a process's memory may read these. */
#include <cli/waits.h>

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { NESTED = 5, POLLED = 256 }; /* the kernel's own limit on epolls in epolls; descriptors of one poll */

struct call {
    long nr;
    unsigned long a[6];
};

/* 1, or 0 when it runs, or is not to be looked into. */
static int read_call(pid_t pid, pid_t tid, struct call *c)
{
    char path[64], text[256];
    FILE *f;
    int n;

    snprintf(path, sizeof path, "/proc/%d/task/%d/syscall", (int)pid, (int)tid);
    f = fopen(path, "re");
    if (!f)
        return 0;
    n = fgets(text, sizeof text, f) ? sscanf(text, "%ld %lx %lx %lx %lx %lx %lx", &c->nr, &c->a[0], &c->a[1], &c->a[2],
                                             &c->a[3], &c->a[4], &c->a[5])
                                    : 0;
    fclose(f);
    return n == 7;
}

static int copy(pid_t pid, unsigned long from, void *to, size_t size)
{
    struct iovec here = { to, size }, there = { (void *)from, size };

    return process_vm_readv(pid, &here, 1, &there, 1, 0) == (ssize_t)size;
}

/* Does epoll `epoll` watch `fd`, itself or by another epoll? */
static int watches(pid_t pid, int epoll, int fd, int depth)
{
    char path[64], line[256];
    int target, found = 0;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", (int)pid, epoll);
    f = depth < NESTED ? fopen(path, "re") : NULL;
    if (!f)
        return 0;
    while (!found && fgets(line, sizeof line, f))
        if (sscanf(line, "tfd: %d", &target) == 1)
            found = target == fd || watches(pid, target, fd, depth + 1);
    fclose(f);
    return found;
}

/* Is `one` the descriptor, or an epoll that watches it? */
static int leads_to(pid_t pid, int one, int fd)
{
    return one == fd || watches(pid, one, fd, 0);
}

static int polls(pid_t pid, const struct call *c, int fd)
{
    struct pollfd polled[POLLED];
    unsigned long n = c->a[1] < POLLED ? c->a[1] : POLLED;

    if (!n || !copy(pid, c->a[0], polled, n * sizeof polled[0]))
        return 0;
    for (unsigned long i = 0; i < n; i++)
        if ((polled[i].events & POLLIN) && leads_to(pid, polled[i].fd, fd))
            return 1;
    return 0;
}

static int selects(pid_t pid, const struct call *c, int fd)
{
    unsigned long set[1024 / 8 / sizeof(long)], bits = 8 * sizeof(long);
    unsigned long n = c->a[0] < 1024 ? c->a[0] : 1024, bytes = (n + bits - 1) / bits * sizeof(long);

    if (!n || !c->a[1] || !copy(pid, c->a[1], set, bytes))
        return 0;
    for (unsigned long i = 0; i < n; i++)
        if ((set[i / bits] >> i % bits & 1) && leads_to(pid, (int)i, fd))
            return 1;
    return 0;
}

static int waits_for(pid_t pid, const struct call *c, int fd)
{
    switch (c->nr) {
    case SYS_read:
    case SYS_readv:
        return (int)c->a[0] == fd;
#ifdef SYS_epoll_wait
    case SYS_epoll_wait:
#endif
    case SYS_epoll_pwait:
#ifdef SYS_epoll_pwait2
    case SYS_epoll_pwait2:
#endif
        return watches(pid, (int)c->a[0], fd, 0);
#ifdef SYS_poll
    case SYS_poll:
#endif
    case SYS_ppoll:
        return polls(pid, c, fd);
#ifdef SYS_select
    case SYS_select:
#endif
    case SYS_pselect6:
        return selects(pid, c, fd);
    }
    return 0;
}

static pid_t waiter(const struct sf_proc *p, pid_t but, int fd)
{
    struct call c;

    for (size_t i = 0; i < p->tasks; i++)
        if (p->task[i].tid != but && read_call(p->pid, p->task[i].tid, &c) && waits_for(p->pid, &c, fd))
            return p->task[i].tid;
    return 0;
}

/* The signals of a signalfd, 0 for anything else. */
static uint64_t signals_of(pid_t pid, int fd)
{
    char path[64], line[256];
    unsigned long long set = 0;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", (int)pid, fd);
    f = fopen(path, "re");
    if (!f)
        return 0;
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "sigmask: %llx", &set) == 1)
            break;
    fclose(f);
    return set;
}

void sf_signalfds_read(const struct sf_proc *p, pid_t listener, struct sf_signalfds *found)
{
    struct dirent *entry;
    char path[64];
    DIR *dir;

    found->count = 0;
    snprintf(path, sizeof path, "/proc/%d/fd", (int)p->pid);
    dir = opendir(path);
    if (!dir)
        return;
    while (found->count < SF_SIGNALFDS && (entry = readdir(dir))) {
        struct sf_signalfd *s = &found->at[found->count];
        char link[64];
        ssize_t n = readlinkat(dirfd(dir), entry->d_name, link, sizeof link - 1);

        if (n < 0)
            continue;
        link[n] = 0;
        if (strcmp(link, "anon_inode:[signalfd]"))
            continue;
        s->fd = atoi(entry->d_name);
        s->set = signals_of(p->pid, s->fd);
        s->tid = waiter(p, listener, s->fd);
        found->count += s->set != 0;
    }
    closedir(dir);
}
