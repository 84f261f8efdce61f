/* Case 29: a thread that computes, in stdio nearly all the time, on a machine that gives the listener no processor for longer
 * than the limit: it could not be told that a safe point will do, so it is not interrupted anywhere else. */
/* needs: root */
/* native: cut (the handler interrupts stdio) */
/* modes: default traced interruption-point safe-point */
/* expect: handled 1 cut 0 */
#include "common.h"
#include <dirent.h>
#include <sys/ptrace.h>
static volatile int handled, cut, within;
static void handler(int sig) { handled++, cut += within; }

static ssize_t slowly(void *cookie, const char *text, size_t n)
{
    int64_t end = now_ms() + 3;
    within = 1;
    while (now_ms() < end)
        ;
    within = 0;
    return (ssize_t)n;
}

static int has_taken(pid_t pid)
{
    char path[64], line[128] = "";
    unsigned long pending = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f) && sscanf(line, "ShdPnd: %lx", &pending) != 1)
        ;
    if (f)
        fclose(f);
    return !(pending >> (SIGUSR1 - 1) & 1);
}

static pid_t listener_of(pid_t pid)
{
    char path[300], name[32];
    pid_t found = 0;
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d));) {
        snprintf(path, sizeof path, "/proc/%d/task/%s/comm", (int)pid, e->d_name);
        FILE *f = fopen(path, "r");
        if (f && fgets(name, sizeof name, f) && !strcmp(name, "sigferry\n"))
            found = atoi(e->d_name);
        if (f)
            fclose(f);
    }
    if (d)
        closedir(d);
    return found;
}

/* Send, and once the listener waits for patience to be over, stop it until the limit is, too. */
static void sender(pid_t to)
{
    struct timespec look = {0, 50000000}, stop = {1, 300000000};
    pid_t tid = listener_of(to);
    if (!tid)
        _exit(kill(to, SIGUSR1));
    kill(to, SIGUSR1);
    AWAIT(has_taken(to));
    nanosleep(&look, NULL);
    if (ptrace(PTRACE_SEIZE, tid, 0, 0) || ptrace(PTRACE_INTERRUPT, tid, 0, 0) || waitpid(tid, NULL, __WALL) != tid)
        _exit(1);
    nanosleep(&stop, NULL);
    ptrace(PTRACE_DETACH, tid, 0, 0);
    _exit(0);
}

int main(int argc, char **argv)
{
    const char *settings = getenv("SIGFERRY");
    char longer[200];
    pid_t me = getpid(), p;
    if (!settings || !strstr(settings, "patience")) {
        snprintf(longer, sizeof longer, "%s%spatience=300ms", settings ? settings : "", settings ? ":" : "");
        setenv("SIGFERRY", longer, 1);
        execv("/proc/self/exe", argv);
    }
    FILE *f = fopencookie(NULL, "w", (cookie_io_functions_t){.write = slowly});
    setvbuf(f, NULL, _IONBF, 0);
    on(SIGUSR1, handler, SA_RESTART);
    p = child();
    if (p == 0)
        sender(me);
    for (int64_t end = now_ms() + DEADLINE_MS; !handled && now_ms() < end;)
        fputc('x', f);
    int status = reap(p);
    if (status)
        return WEXITSTATUS(status);
    out("handled %d cut %d\n", handled, cut);
    return 0;
}
