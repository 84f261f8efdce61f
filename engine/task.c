/* context: listener
 *
 * What /proc tells about one thread. Read into the stack, by raw system calls, through the listener's own
 * descriptor table.
 */
#include "engine/task.h"

#include <fcntl.h>

#include "base/syscall.h"
#include "base/text.h"

/* /proc/self/task/TID/NAME, terminated. Returns its length, 0 if it cannot be read. */
static long task_file(int tid, const char *name, char *text, size_t size)
{
    char path[64];
    struct sf_text line;
    long fd, n;
    sf_text_start(&line, path, sizeof path);
    sf_text_add(&line, "/proc/self/task/");
    sf_text_number(&line, tid);
    sf_text_add(&line, "/");
    sf_text_add(&line, name);
    fd = sys_open(path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return 0;
    n = sys_read((int)fd, text, size - 1);
    sys_close((int)fd);
    n = n > 0 ? n : 0;
    text[n] = 0;
    return n;
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
    if (!input || !task_file(tid, "syscall", text, sizeof text))
        return 0;
    return in_call(text, SYS_read) || (safe && (in_call(text, SYS_futex) || in_call(text, SYS_poll)));
}

int sf_task_runnable(int tid)
{
    char text[128];
    return task_file(tid, "syscall", text, sizeof text) > 0 && text[0] == 'r';
}

sf_set sf_task_pending(int tid)
{
    static char text[2048]; /* the listener's alone */
    static const char name[] = "\nSigPnd:\t";
    const char *p;
    sf_set set = 0;
    if (!task_file(tid, "status", text, sizeof text) || !(p = strstr(text, name)))
        return 0;
    for (p += sizeof name - 1; (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'f'); p++)
        set = set << 4 | (sf_set)(*p <= '9' ? *p - '0' : *p - 'a' + 10);
    return set;
}
