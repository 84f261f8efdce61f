/* context: listener (through its own descriptor table), thread
 *
 * What /proc tells about threads and processes, by raw system calls.
 */
#include "engine/task.h"

#include <fcntl.h>

#include "base/syscall.h"
#include "base/text.h"

long sf_task_read(const char *path, char *text, size_t size)
{
    long fd = sys_open(path, O_RDONLY | O_CLOEXEC, 0), n;
    text[0] = 0;
    if (fd < 0)
        return 0;
    n = sys_read((int)fd, text, size - 1);
    sys_close((int)fd);
    n = n > 0 ? n : 0;
    text[n] = 0;
    return n;
}

uint64_t sf_task_number(const char *text, const char *name, unsigned base)
{
    uint64_t number = 0;
    const char *p = strstr(text, name);
    for (p = p ? p + strlen(name) : ""; (*p >= '0' && *p <= '9') || (base == 16 && *p >= 'a' && *p <= 'f'); p++)
        number = number * base + (uint64_t)(*p <= '9' ? *p - '0' : *p - 'a' + 10);
    return number;
}

static long numbered(const char *folder, int number, const char *name, char *text, size_t size)
{
    char path[64];
    struct sf_text line;
    sf_text_start(&line, path, sizeof path);
    sf_text_add(&line, folder);
    sf_text_number(&line, number);
    sf_text_add(&line, name);
    return sf_task_read(path, text, size);
}

long sf_task_of_process(int pid, const char *name, char *text, size_t size)
{
    return numbered("/proc/", pid, name, text, size);
}

static long task_file(int tid, const char *name, char *text, size_t size)
{
    return numbered("/proc/self/task/", tid, name, text, size);
}

/* Is it asleep in system call `nr`? The file begins with the number, in decimal. */
static int in_call(const char *text, long nr)
{
    long n = 0;
    if (*text < '0' || *text > '9')
        return 0; /* "running", "-1 ..." */
    for (; *text >= '0' && *text <= '9'; text++)
        n = n * 10 + (*text - '0');
    return n == nr;
}

int sf_task_sleeps(int tid, int input, int safe)
{
    char text[128];
    if (!input || !task_file(tid, "/syscall", text, sizeof text))
        return 0;
    return in_call(text, SYS_read) || (safe && (in_call(text, SYS_futex) || in_call(text, SYS_poll)));
}

int sf_task_asleep(int tid)
{
    char text[128];
    return task_file(tid, "/syscall", text, sizeof text) && *text >= '0' && *text <= '9';
}

int sf_task_starved(int tid)
{
    char text[128];
    const char *name_end;
    if (!task_file(tid, "/syscall", text, sizeof text))
        return 0;
    if (text[0] == 'r')
        return 1; /* "running" */
    if (text[0] != '-' || !task_file(tid, "/stat", text, sizeof text))
        return 0; /* asleep in a system call */
    name_end = strrchr(text, ')');
    return name_end && name_end[1] == ' ' && name_end[2] == 'D'; /* a fault that no signal ends; not a debugger's stop */
}

uint64_t sf_task_waited(int tid)
{
    char text[128];
    return task_file(tid, "/schedstat", text, sizeof text) ? sf_task_number(text, " ", 10) : 0; /* the second of three numbers */
}

static char status[2048]; /* the listener's alone */

sf_set sf_task_pending(int tid)
{
    return task_file(tid, "/status", status, sizeof status) ? sf_task_number(status, "\nSigPnd:\t", 16) : 0;
}

int sf_task_traced(void)
{
    return sf_task_read("/proc/self/status", status, sizeof status) && sf_task_number(status, "\nTracerPid:\t", 10) != 0;
}
