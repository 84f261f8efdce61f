/* What the kernel tells of a live process. */
#ifndef SF_CLI_PROC_H
#define SF_CLI_PROC_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { SF_TASKS = 4096 };

struct sf_task {
    pid_t tid;
    uint64_t pending; /* to this thread */
};

struct sf_proc {
    pid_t pid;
    char comm[32];
    char state; /* as in ps: R, S, Z, ... */
    uint64_t shared_pending; /* to the process */
    uint64_t caught, ignored;
    size_t tasks;
    struct sf_task task[SF_TASKS]; /* the first so many */
};

struct sf_proc_stat {
    int ended;          /* as a whole: threads may outlive the first one */
    uint64_t started;   /* in the kernel's ticks since boot */
    int no_memory;      /* it has ended, or is a thread of the kernel */
    int no_environment; /* it was started without any; known only of processes that we may look into */
};

/* What /proc/PID/stat says. 0 or -errno. */
int sf_proc_stat(pid_t pid, struct sf_proc_stat *st);

/* 0 or -errno: -ESRCH where it is gone. A thread that ends meanwhile is left out. */
int sf_proc_read(pid_t pid, struct sf_proc *p);

/* Does its environment name `text` in LD_PRELOAD? 1, 0, or -errno. */
int sf_proc_preloads(pid_t pid, const char *text);

/* yama's restriction of who may look into whom; 0 where there is none. */
int sf_proc_restriction(void);

#endif
