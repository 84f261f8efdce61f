/* Have the loader try. Asked with LD_TRACE_LOADED_OBJECTS (this is what ldd does), it maps the program and all its
 * libraries, prints them and ends; nothing of the program runs.
 *
 * Nobody must notice: the program that we are about to become may have SIGCHLD blocked, ignored or awaited, and
 * children of its own to wait for. So our child is made with no signal to its parent; but exec would give it one
 * again, hence it does not exec itself: it has a child of its own for that.
 */
#include <cli/preflight.h>

#include <cli/cli.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUTPUT_SIZE = 65536, LIMIT_S = 10 };

static void plain_signals(void)
{
    sigset_t none;

    signal(SIGCHLD, SIG_DFL);
    signal(SIGALRM, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void exec_loader(const struct sf_program *p, int out)
{
    char *argv[] = { (char *)p->binary, NULL };

    /* A loader that hangs (a network file system) must not hang us. */
    alarm(LIMIT_S);
    if (dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
        _exit(SF_EXIT_FAILED);
    setenv("LD_TRACE_LOADED_OBJECTS", "1", 1);
    unsetenv("LD_DEBUG");
    unsetenv("LD_VERBOSE");
    unsetenv("LD_WARN");
    unsetenv("LD_AUDIT");
    execv(p->binary, argv);
    _exit(SF_EXIT_NO_EXEC);
}

/* The middle process. Its status is that of the loader, or 124 where there was none. */
static void between(const struct sf_program *p, int out)
{
    int status;
    pid_t pid;

    plain_signals();
    pid = fork();
    if (!pid)
        exec_loader(p, out);
    close(out);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        _exit(124);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 124);
}

/* All that comes, of which the first OUTPUT_SIZE - 1 bytes are kept. */
static void collect(int in, char *output)
{
    char rest[4096];
    size_t used = 0;

    for (;;) {
        int keep = used < OUTPUT_SIZE - 1;
        ssize_t n = read(in, keep ? output + used : rest, keep ? OUTPUT_SIZE - 1 - used : sizeof rest);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        used += keep ? (size_t)n : 0;
    }
    output[used] = 0;
}

static int listed(const char *output, const char *path)
{
    char line[PATH_MAX + 8];

    snprintf(line, sizeof line, "\t%s (0x", path);
    return strstr(output, line) != NULL;
}

/* The loader's own words about `path`, as far as it has any: the line that names it. */
static int fail_with_line(const struct sf_program *p, const char *output, const char *path)
{
    const char *at = strstr(output, path), *begin = at;

    while (begin && begin > output && begin[-1] != '\n')
        begin--;
    if (!at)
        return sf_fail(SF_EXIT_FAILED, "%s: the loader does not load %s there, and does not say why", p->name, path);
    begin += strspn(begin, "\t ");
    return sf_fail(SF_EXIT_FAILED, "%s: the library cannot be loaded there; the loader says: %.*s", p->name,
                   (int)strcspn(begin, "\n"), begin);
}

/* An undefined version does not keep the library off the list: the loader prints it, and would refuse to start. */
static const char *complaint(const char *output, const char *path)
{
    char needle[PATH_MAX + 16];
    const char *at;

    snprintf(needle, sizeof needle, "required by %s)", path);
    at = strstr(output, needle);
    return at && strstr(output, "not found (") ? at : NULL;
}

static int judge(const struct sf_program *p, const struct sf_libraries *l, const char *output)
{
    const char *paths[] = { l->main, l->guard };

    for (int i = 0; i < 2 && paths[i][0]; i++) {
        const char *at = complaint(output, paths[i]);

        while (at && at > output && at[-1] != '\n')
            at--;
        if (at)
            return fail_with_line(p, at, paths[i]);
        if (!listed(output, paths[i]))
            return fail_with_line(p, output, paths[i]);
    }
    return 0;
}

int sf_trial(const struct sf_program *p, const struct sf_libraries *l)
{
    static char output[OUTPUT_SIZE];
    int ends[2], status = 0;
    long pid;

    /* Without a descriptor or a process to spare nothing can be tried; the program may still run. */
    if (pipe2(ends, O_CLOEXEC))
        return 0;
    pid = syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L);
    if (!pid) {
        close(ends[0]);
        between(p, ends[1]);
    }
    close(ends[1]);
    if (pid > 0)
        collect(ends[0], output);
    close(ends[0]);
    if (pid < 0)
        return 0;
    while (waitpid((pid_t)pid, &status, __WALL) < 0 && errno == EINTR)
        ;
    /* No loader ran, and none has said anything: the real exec will say why, if it fails as well. */
    if (!output[0] && WIFEXITED(status) && (WEXITSTATUS(status) == 124 || WEXITSTATUS(status) == SF_EXIT_NO_EXEC))
        return 0;
    return judge(p, l, output);
}
