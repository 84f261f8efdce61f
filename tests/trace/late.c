/* Leaves a child behind of which the library knows nothing for 300 ms: it was made past the hooks, and uses none of them
 * until it becomes sleep(1). */
#include <dlfcn.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(void)
{
    void *libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
    pid_t (*fork_past_hooks)(void) = (pid_t (*)(void))dlsym(libc, "_Fork");
    int (*exec_past_hooks)(const char *, char *const[]) = (int (*)(const char *, char *const[]))dlsym(libc, "execv");
    char *argv[] = {"sleep", "0.01", NULL};
    double end = now() + 0.3;
    pid_t pid = fork_past_hooks();

    if (pid < 0)
        return 1;
    if (pid)
        _exit(4);
    while (now() < end)
        ;
    exec_past_hooks("/bin/sleep", argv);
    _exit(1);
}
