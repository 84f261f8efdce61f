/* All of this can vanish between two reads, as a whole or thread by thread; each function copes with it by itself. */
#include <cli/proc.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file of /proc that belongs to a process that ended gives ENOENT or ESRCH, depending on the moment. */
static int gone(int err)
{
    return err == ENOENT ? -ESRCH : -err;
}

/* The fields of a status file that matter here; each pointer may be NULL. */
struct wanted {
    char *comm, *state;
    uint64_t *pending, *shared, *caught, *ignored;
};

/* "SigPnd:\t0000000000000200" */
static void take_set(const char *line, const char *name, uint64_t *set)
{
    size_t n = strlen(name);

    if (set && !strncmp(line, name, n) && line[n] == ':')
        *set = strtoull(line + n + 1, NULL, 16);
}

static int read_status(const char *path, const struct wanted *w)
{
    FILE *f = fopen(path, "re");
    char line[512];
    int err;

    if (!f)
        return gone(errno);
    errno = 0;
    while (fgets(line, sizeof line, f)) {
        if (w->comm)
            sscanf(line, "Name:\t%31[^\n]", w->comm);
        if (w->state)
            sscanf(line, "State:\t%c", w->state);
        take_set(line, "SigPnd", w->pending);
        take_set(line, "ShdPnd", w->shared);
        take_set(line, "SigCgt", w->caught);
        take_set(line, "SigIgn", w->ignored);
    }
    err = ferror(f) ? gone(errno) : 0;
    fclose(f);
    return err;
}

int sf_proc_read(pid_t pid, struct sf_proc *p)
{
    struct wanted whole = { p->comm, &p->state, NULL, &p->shared_pending, &p->caught, &p->ignored };
    struct dirent *entry;
    char path[64];
    DIR *dir;
    int err;

    memset(p, 0, sizeof *p);
    p->pid = pid;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    err = read_status(path, &whole);
    if (err)
        return err;
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    dir = opendir(path);
    if (!dir)
        return gone(errno);
    while (p->tasks < SF_TASKS && (entry = readdir(dir))) {
        struct sf_task *t = &p->task[p->tasks];
        struct wanted one = { NULL, NULL, &t->pending, NULL, NULL, NULL };

        t->tid = atoi(entry->d_name);
        snprintf(path, sizeof path, "/proc/%d/task/%d/status", (int)pid, (int)t->tid);
        if (t->tid > 0 && !read_status(path, &one))
            p->tasks++;
    }
    closedir(dir);
    return 0;
}

int sf_proc_stat(pid_t pid, struct sf_proc_stat *st)
{
    /* Numbers of fields as in proc(5). */
    enum { STATE = 3, THREADS = 20, STARTED = 22, SIZE = 23, ENVIRONMENT = 50, ENVIRONMENT_END = 51 };
    unsigned long long field[ENVIRONMENT_END + 1] = { 0 };
    char path[64], line[2048], *at, state;
    FILE *f;

    memset(st, 0, sizeof *st);
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    f = fopen(path, "re");
    if (!f)
        return gone(errno);
    at = fgets(line, sizeof line, f) ? strrchr(line, ')') : NULL; /* the name before it may hold anything */
    fclose(f);
    if (!at || sscanf(at + 1, " %c", &state) != 1)
        return -ESRCH;
    at = strchr(at, state) + 1;
    for (int i = STATE + 1; i <= ENVIRONMENT_END; i++)
        field[i] = strtoull(at, &at, 10);
    st->ended = (state == 'Z' || state == 'X') && field[THREADS] < 2;
    st->started = field[STARTED];
    st->no_memory = !field[SIZE];
    st->no_environment = field[ENVIRONMENT] && field[ENVIRONMENT] == field[ENVIRONMENT_END];
    return 0;
}

int sf_proc_preloads(pid_t pid, const char *text)
{
    char path[64], *variable = NULL;
    size_t size = 0;
    int found = 0;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
    f = fopen(path, "re");
    if (!f)
        return gone(errno);
    /* The environment that it was started with: variables end in zero bytes. */
    while (!found && getdelim(&variable, &size, 0, f) > 0)
        found = !strncmp(variable, "LD_PRELOAD=", 11) && strstr(variable, text);
    free(variable);
    fclose(f);
    return found;
}

int sf_proc_restriction(void)
{
    FILE *f = fopen("/proc/sys/kernel/yama/ptrace_scope", "re");
    int scope = 0;

    if (!f)
        return 0;
    if (fscanf(f, "%d", &scope) != 1)
        scope = 0;
    fclose(f);
    return scope;
}
