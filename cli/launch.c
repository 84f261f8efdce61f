/* From a program's name to the program: what `sigferry run` does by becoming it, and check beside it. */
#include <cli/launch.h>

#include <base/text.h>
#include <cli/cli.h>
#include <config/config.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

/* --config: the library must find the file wherever the program goes, so its path is made absolute. */
static int name_file(const char *file)
{
    char *path = realpath(file, NULL);
    int err;

    if (!path)
        return sf_fail(SF_EXIT_FAILED, "%s: cannot be read: %s", file, strerror(errno));
    err = setenv("SIGFERRY_CONFIG", path, 1);
    free(path);
    return err ? sf_fail(SF_EXIT_FAILED, "out of memory") : 0;
}

static int set_settings(const char *settings)
{
    const char *old = getenv("SIGFERRY");
    char *all;
    int err;

    if (!settings[0])
        return 0;
    if (asprintf(&all, "%s%s", old ? old : "", settings + !(old && *old)) < 0)
        return sf_fail(SF_EXIT_FAILED, "out of memory");
    err = setenv("SIGFERRY", all, 1);
    free(all);
    return err ? sf_fail(SF_EXIT_FAILED, "out of memory") : 0;
}

/* What the library will read in the program, read beforehand: there it could only be recorded. */
static int check_config(const char *program, struct sf_config *c)
{
    const struct sf_config_error *e = &c->first_error;
    char more[48] = "";

    sf_config_load(c, environ, sf_text_basename(program), 0);
    if (!c->error_count)
        return 0;
    if (c->error_count > 1)
        snprintf(more, sizeof more, " (and %u more)", c->error_count - 1);
    if (e->line)
        return sf_fail(SF_EXIT_FAILED, "%s:%d: %s%s", e->file, e->line, e->text, more);
    return sf_fail(SF_EXIT_FAILED, "%s: %s%s", e->file, e->text, more);
}

/* Ours first: a signal call of another preloaded library must reach us as the program's own would. What was there
 * stays behind it, except for ourselves, where one `sigferry run` starts another. */
static int set_preload(const struct sf_libraries *l)
{
    const char *old = getenv("LD_PRELOAD");
    size_t size = strlen(l->main) + strlen(l->guard) + (old ? strlen(old) : 0) + 3;
    char *list = malloc(size), *end = list;
    int err;

    if (!list)
        return sf_fail(SF_EXIT_FAILED, "out of memory");
    end += sprintf(end, "%s%s%s", l->main, l->guard[0] ? ":" : "", l->guard);
    while (old && *old) {
        size_t n = strcspn(old, ": ");
        int ours = (n == strlen(l->main) && !strncmp(old, l->main, n)) ||
                   (n == strlen(l->guard) && !strncmp(old, l->guard, n));

        if (n && !ours)
            end += sprintf(end, ":%.*s", (int)n, old);
        old += n + (old[n] != 0);
    }
    err = setenv("LD_PRELOAD", list, 1);
    free(list);
    return err ? sf_fail(SF_EXIT_FAILED, "out of memory") : 0;
}

int sf_launch_execute(const struct sf_program *p, char **argv, int argc)
{
    char **shell;
    int err;

    if (!p->by_shell) {
        execv(p->path, argv);
        err = errno;
    } else {
        shell = calloc((size_t)argc + 2, sizeof *shell);
        if (!shell)
            return sf_fail(SF_EXIT_FAILED, "out of memory");
        shell[0] = (char *)"/bin/sh";
        shell[1] = (char *)p->path;
        for (int i = 1; i < argc; i++)
            shell[i + 1] = argv[i];
        execv(shell[0], shell);
        err = errno;
        free(shell);
    }
    return sf_fail(err == ENOENT ? SF_EXIT_NOT_FOUND : SF_EXIT_NO_EXEC, "%s: cannot be executed: %s", p->name,
                   strerror(err));
}

/* All that can be told to be wrong, from the cheap to the dear. */
int sf_launch_prepare(const struct sf_launch *l, struct sf_program *program)
{
    static struct sf_config config;
    static struct sf_libraries libraries;
    int status = l->file ? name_file(l->file) : 0;

    if (!status)
        status = set_settings(l->settings);
    if (!status)
        status = check_config(l->name, &config);
    if (!status)
        status = sf_find_program(l->name, program);
    if (!status)
        status = sf_preflight(program);
    if (!status)
        status = sf_find_libraries(l->guard == SF_GUARD_MUST || (config.guard && l->guard), &libraries);
    if (!status)
        status = set_preload(&libraries);
    return status ? status : sf_trial(program, &libraries);
}
