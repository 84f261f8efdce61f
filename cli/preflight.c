/* Which program is meant, and whether a library can be loaded into it. Everything here is told before the
 * program starts: the loader itself would only warn, or say nothing and run it without us. */
#include <cli/preflight.h>

#include <base/text.h>
#include <cli/cli.h>
#include <cli/elf.h>
#include <cli/privilege.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* The kernel reads so much of a file to tell what it is, and follows so many scripts. */
enum { HEAD_SIZE = 256, SCRIPT_DEPTH = 5 };

/* 0, or -errno as execve would fail. */
static int executable(const char *path)
{
    struct stat st;

    if (stat(path, &st))
        return -errno;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    if (!S_ISREG(st.st_mode))
        return -EACCES;
    return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) ? -errno : 0;
}

static int fail_executable(const char *name, const char *path, int err)
{
    struct statvfs fs;

    if (err == -ENOENT || err == -ENOTDIR)
        return sf_fail(SF_EXIT_NOT_FOUND, "%s: not found%s", name,
                       strchr(name, '/') ? "" : " in PATH; give its path, or correct PATH");
    if (err == -EISDIR)
        return sf_fail(SF_EXIT_NO_EXEC, "%s: is a directory, not a program", name);
    if (err == -EACCES && !statvfs(path, &fs) && (fs.f_flag & ST_NOEXEC))
        return sf_fail(SF_EXIT_NO_EXEC, "%s: lies on a file system that is mounted noexec; copy it elsewhere", name);
    if (err == -EACCES)
        return sf_fail(SF_EXIT_NO_EXEC, "%s: not executable; chmod +x would make it so", name);
    return sf_fail(SF_EXIT_NO_EXEC, "%s: cannot be executed: %s", name, strerror(-err));
}

/* As execvp: a name without a slash is looked up in PATH; what is found but may not be executed is passed over,
 * and remembered in case that there is nothing better. 0 or -errno. */
static int look_up(const char *name, char *path)
{
    const char *dir = getenv("PATH");
    int worst = -ENOENT;

    if (!*name)
        return -ENOENT;
    if (strchr(name, '/')) {
        if (snprintf(path, PATH_MAX, "%s", name) >= PATH_MAX)
            return -ENAMETOOLONG;
        return executable(path);
    }
    for (dir = dir ? dir : "/bin:/usr/bin"; dir;) {
        size_t n = strcspn(dir, ":");
        int err = 0;

        if (snprintf(path, PATH_MAX, "%.*s%s%s", (int)n, dir, n ? "/" : "./", name) < PATH_MAX)
            err = executable(path);
        else
            err = -ENOENT;
        if (!err)
            return 0;
        if (err == -EACCES)
            worst = err;
        dir = dir[n] ? dir + n + 1 : NULL;
    }
    return worst;
}

int sf_find_program(const char *name, struct sf_program *p)
{
    int err;

    memset(p, 0, sizeof *p);
    p->name = name;
    err = look_up(name, p->path);
    return err ? fail_executable(name, p->path, err) : 0;
}

/* The program and, where it is a script, what runs it: for messages. */
static const char *described(const struct sf_program *p)
{
    static char text[2 * PATH_MAX];

    if (!strcmp(p->path, p->binary))
        return p->name;
    snprintf(text, sizeof text, "%s (run by %s)", p->name, p->binary);
    return text;
}

static int check_elf(const struct sf_program *p, const struct sf_elf *e)
{
    const char *loader = sf_text_basename(e->interpreter);
    char theirs[40], ours[40];
    struct sf_elf self;

    if (!sf_elf_read_path("/proc/self/exe", &self) && (e->bits != self.bits || e->machine != self.machine))
        return sf_fail(SF_EXIT_FAILED, "%s: is built for %s, this sigferry for %s; use a sigferry or a build to match",
                       described(p), sf_elf_machine(e, theirs, sizeof theirs), sf_elf_machine(&self, ours, sizeof ours));
    if (e->go && !(e->interpreter[0] && e->needs_libc))
        return sf_fail(SF_EXIT_FAILED, "%s: is a Go program without cgo: its signals bypass libc, where sigferry "
                       "sits; run it without sigferry", described(p));
    if (!e->interpreter[0] && !strncmp(sf_text_basename(p->binary), "ld-", 3))
        return sf_fail(SF_EXIT_FAILED, "%s: is a loader; name the program itself", described(p));
    if (!e->interpreter[0])
        return sf_fail(SF_EXIT_FAILED, "%s: is statically linked, so no library can be preloaded; "
                       "use a dynamically linked build", described(p));
    if (executable(e->interpreter))
        return sf_fail(SF_EXIT_NOT_FOUND, "%s: its loader %s is missing; install that C library", described(p),
                       e->interpreter);
    if (!strncmp(loader, "ld-musl-", 8))
        return sf_fail(SF_EXIT_FAILED, "%s: uses the C library musl (%s), this sigferry glibc; use a build for glibc",
                       described(p), e->interpreter);
    if (strncmp(loader, "ld-linux", 8) && strncmp(loader, "ld64.so", 7))
        return sf_fail(SF_EXIT_FAILED, "%s: uses another C library than glibc (loader %s); use a build for glibc",
                       described(p), e->interpreter);
    return sf_check_privilege(p->binary, described(p));
}

/* "#!INTERPRETER ARGUMENT" cut up as the kernel does. 0: it names none. */
static char *script_interpreter(char *head, char **argument)
{
    char *rest = head + 2, *interpreter;

    rest[strcspn(rest, "\n")] = 0;
    interpreter = sf_text_word(&rest);
    *argument = rest;
    return interpreter;
}

/* `#!/usr/bin/env python3` is really about python3: what env will find in PATH is examined too. What env's options
 * may do to the environment is not followed. 1: the next in the chain is in `path`. */
static int through_env(const char *interpreter, char *argument, char *path)
{
    char *word;

    if (strcmp(sf_text_basename(interpreter), "env"))
        return 0;
    word = sf_text_word(&argument);
    if (word && !strcmp(word, "-S"))
        word = sf_text_word(&argument);
    return word && *word != '-' && !strchr(word, '=') && !look_up(word, path);
}

/* One link of the chain: p->binary is examined, and replaced if it is a script. 1: go on; else as sf_preflight. */
static int follow(struct sf_program *p)
{
    char head[HEAD_SIZE + 1], *interpreter, *argument;
    int fd = open(p->binary, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), err;
    struct sf_elf e;
    ssize_t n;

    if (fd < 0)
        return sf_fail(SF_EXIT_FAILED, "%s: cannot be read (%s), so it cannot be examined; give read permission",
                       described(p), strerror(errno));
    n = pread(fd, head, HEAD_SIZE, 0);
    head[n > 0 ? n : 0] = 0;
    err = n >= 4 && !memcmp(head, "\177ELF", 4) ? sf_elf_read(fd, &e) : 1;
    close(fd);
    if (!err) {
        p->go = e.go;
        return check_elf(p, &e);
    }
    if (err < 0)
        return sf_fail(SF_EXIT_NO_EXEC, "%s: is a damaged ELF file or no program", described(p));
    interpreter = !strncmp(head, "#!", 2) ? script_interpreter(head, &argument) : NULL;
    if (!interpreter) {
        if (n < 0 || memchr(head, 0, (size_t)n) || strcmp(p->path, p->binary))
            return sf_fail(SF_EXIT_NO_EXEC, "%s: is neither an ELF program nor a script", described(p));
        p->by_shell = 1;
        strcpy(p->binary, "/bin/sh");
        return 1;
    }
    err = executable(interpreter);
    if (err)
        return sf_fail(err == -ENOENT ? SF_EXIT_NOT_FOUND : SF_EXIT_NO_EXEC,
                       "%s: its interpreter %s cannot be executed: %s", described(p), interpreter, strerror(-err));
    if (!through_env(interpreter, argument, p->binary))
        snprintf(p->binary, sizeof p->binary, "%s", interpreter);
    return 1;
}

int sf_preflight(struct sf_program *p)
{
    strcpy(p->binary, p->path);
    for (int depth = 0; depth <= SCRIPT_DEPTH; depth++) {
        int status = follow(p);

        if (status != 1)
            return status;
    }
    return sf_fail(SF_EXIT_NO_EXEC, "%s: too many scripts run by scripts", p->name);
}
