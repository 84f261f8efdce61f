/* What the threads of a process do, seen from outside. */
#ifndef ACTIVITY_H
#define ACTIVITY_H
#include "common.h"
#include <dirent.h>
/* How often all threads of a process but `except` have gone to sleep together, and ten for each tick of processor time that
 * they have had. */
static long activity(pid_t pid, pid_t except)
{
    char path[96], line[512];
    long sum = 0;
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d));) {
        if (e->d_name[0] == '.' || atoi(e->d_name) == except)
            continue;
        snprintf(path, sizeof path, "/proc/%d/task/%.20s/status", (int)pid, e->d_name);
        FILE *f = fopen(path, "r");
        long count;
        while (f && fgets(line, sizeof line, f))
            if (sscanf(line, "voluntary_ctxt_switches: %ld", &count) == 1)
                sum += count;
        if (f)
            fclose(f);
        snprintf(path, sizeof path, "/proc/%d/task/%.20s/stat", (int)pid, e->d_name);
        long user, system;
        if ((f = fopen(path, "r")) && fgets(line, sizeof line, f) && strrchr(line, ')') &&
            sscanf(strrchr(line, ')'), ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user, &system) == 2)
            sum += 10 * (user + system);
        if (f)
            fclose(f);
    }
    if (d)
        closedir(d);
    return sum;
}
#endif
