/* A process's ring tells of it only from its first record on; until it has run so far (on a busy machine that takes its
 * time), the kernel alone knows of it. Those that were started with the directory have it in their environment; a forked
 * child has its parent's; and in one that has written over it, a ring out of that directory is mapped. */
#include <cli/directory.h>

#include <cli/proc.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VARIABLE "SIGFERRY_RINGS="

static int in_environment(const char *entry, const char *dir)
{
    return !strncmp(entry, VARIABLE, sizeof VARIABLE - 1) && !strcmp(entry + sizeof VARIABLE - 1, dir);
}

static int in_mapping(const char *line, const char *dir)
{
    const char *path = strstr(line, dir);

    return path && path[strlen(dir)] == '/';
}

/* Of the file's entries, which end with `end`, is there one that fits? 1 or 0; -1 it is empty, -2 it may not be read. */
static int stands_in(pid_t pid, const char *name, int end, int (*fits)(const char *, const char *), const char *dir)
{
    char path[64], *entry = NULL;
    int found = -1;
    size_t size = 0;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    f = fopen(path, "re");
    if (!f)
        return -2;
    while (found < 1 && getdelim(&entry, &size, end, f) > 0)
        found = fits(entry, dir);
    if (ferror(f))
        found = -2;
    free(entry);
    fclose(f);
    return found;
}

static int is_heir(pid_t pid, const char *dir, uint64_t our_start)
{
    struct sf_proc_stat st;
    int found;

    if (pid == getpid() || sf_proc_stat(pid, &st) || st.started < our_start)
        return 0;
    found = stands_in(pid, "environ", 0, in_environment, dir);
    /* Nothing there: there was nothing for it, or it is in the middle of exec, and has neither the old mappings nor the
     * new environment. Whose it is then shows in a moment. */
    if (found == -1 && (sf_proc_stat(pid, &st) || st.no_memory))
        return 0;
    if (found == -1 && !st.no_environment)
        return 1;
    return found == 1 || stands_in(pid, "maps", '\n', in_mapping, dir) == 1;
}

pid_t sf_directory_heir(const char *dir, pid_t last)
{
    struct sf_proc_stat us;
    struct dirent *entry;
    pid_t pid, found = 0;
    DIR *d;

    if (sf_proc_stat(getpid(), &us))
        return 0;
    if (last && is_heir(last, dir, us.started))
        return last;
    d = opendir("/proc");
    while (d && !found && (entry = readdir(d))) {
        pid = (pid_t)atoi(entry->d_name);
        if (pid > 0 && is_heir(pid, dir, us.started))
            found = pid;
    }
    if (d)
        closedir(d);
    return found;
}
