/* Where our own libraries are, and whether their names survive LD_PRELOAD. */
#include <cli/preflight.h>

#include <cli/cli.h>
#include <cli/elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char main_name[] = "libsigferry.so", guard_name[] = "libsigferry-guard.so";

static int joined(char *path, const char *dir, const char *rest, const char *name)
{
    int n = snprintf(path, PATH_MAX, "%s%s/%s", dir, rest, name);

    return n > 0 && n < PATH_MAX;
}

/* The directory: that of the command (a build tree), the one beside it (an installation that was moved), the one
 * that was configured. */
static int find_directory(char *dir)
{
    static const char *const beside[] = { "", "/../lib/sigferry" };
    char own[PATH_MAX], path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", own, sizeof own - 1);
    char *slash;

    own[n > 0 ? n : 0] = 0;
    slash = strrchr(own, '/');
    for (int i = 0; slash && i < 2; i++) {
        *slash = 0;
        if (joined(path, own, beside[i], main_name) && !access(path, F_OK))
            return joined(dir, own, beside[i], "") && (dir[strlen(dir) - 1] = 0, 1);
    }
    if (joined(path, SF_LIBDIR, "", main_name) && !access(path, F_OK))
        return snprintf(dir, PATH_MAX, "%s", SF_LIBDIR) > 0;
    return 0;
}

static int check_library(const char *path)
{
    struct sf_elf lib, self;
    struct statvfs fs;
    int err = sf_elf_read_path(path, &lib);

    if (err == -ENOENT)
        return sf_fail(SF_EXIT_FAILED, "%s is missing; install sigferry again%s", path,
                       strstr(path, guard_name) ? ", or use --no-guard" : "");
    if (err && err != -ENOEXEC)
        return sf_fail(SF_EXIT_FAILED, "%s cannot be read: %s; make it readable", path, strerror(-err));
    if (err || !lib.library)
        return sf_fail(SF_EXIT_FAILED, "%s is no library; install sigferry again", path);
    if (!sf_elf_read_path("/proc/self/exe", &self) && (lib.bits != self.bits || lib.machine != self.machine))
        return sf_fail(SF_EXIT_FAILED, "%s is built for another machine than this command; install sigferry again",
                       path);
    if (!statvfs(path, &fs) && (fs.f_flag & ST_NOEXEC))
        return sf_fail(SF_EXIT_FAILED, "%s lies on a file system that is mounted noexec; install it elsewhere", path);
    return 0;
}

int sf_find_libraries(int guard, struct sf_libraries *l)
{
    char dir[PATH_MAX];
    int status;

    l->guard[0] = 0;
    if (!find_directory(dir))
        return sf_fail(SF_EXIT_FAILED, "%s is neither beside this command nor in %s; install sigferry again",
                       main_name, SF_LIBDIR);
    /* The loader splits the list at blanks and colons, and knows no way to quote them. $ begins its own variables. */
    if (strpbrk(dir, " :\t\n$"))
        return sf_fail(SF_EXIT_FAILED, "%s: LD_PRELOAD takes no path with a blank, colon or dollar sign; "
                       "install sigferry elsewhere", dir);
    if (!joined(l->main, dir, "", main_name) || (guard && !joined(l->guard, dir, "", guard_name)))
        return sf_fail(SF_EXIT_FAILED, "%s: path too long; install sigferry elsewhere", dir);
    status = check_library(l->main);
    return status || !guard ? status : check_library(l->guard);
}
