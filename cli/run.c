/* sigferry run: become the program, with the library in it.
 *
 * As env(1) and nohup(1) do: same process, same parent; whoever started us sees the program and its own status.
 * What the program inherits (mask, ignored signals, descriptors, children) is what we were given.
 */
#include <base/names.h>
#include <base/text.h>
#include <cli/cli.h>
#include <cli/preflight.h>
#include <config/config.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

enum { SETTINGS_SIZE = 16384 };

struct options {
    char settings[SETTINGS_SIZE]; /* what --signal says, as for the variable SIGFERRY */
    const char *file;
    int no_guard, verbose;
};

static int help(void)
{
    puts("Usage: sigferry run [OPTION]... [--] PROGRAM [ARGUMENT]...\n\n"
         "Start PROGRAM so that its signal handlers run at safe moments.\n\n"
         "  -s, --signal SIGNAL=POLICY  how this signal is carried: words separated by colons, each\n"
         "                              a replay  interruption-point, safe-point, helper, helper-concurrent, now\n"
         "                              a route   auto, signalfd, direct\n"
         "                              or        patience=20ms, limit=1s, limit=never\n"
         "  -c, --config FILE           read this file instead of the usual ones\n"
         "      --no-guard              do not load the second library, which knows when malloc, stdio, ... run\n"
         "  -v, --verbose               say what is being done\n"
         "  -h, --help                  print this text\n\n"
         "For example: sigferry run --signal HUP=safe-point --signal USR1=signalfd:helper -- ./daemon -f\n\n"
         "Exit status: that of PROGRAM; 125 it cannot be carried, or a setting is wrong; 126 it cannot be executed;\n"
         "127 it is not found.");
    return fflush(stdout) ? SF_EXIT_FAILED : 0;
}

/* Is `word` a value of the key? Asked of the parser itself, so that there is one list of words. */
static int is_value(const char *key, const char *word)
{
    static struct sf_config scratch;
    char why[160];

    sf_config_defaults(&scratch);
    return !sf_config_set(&scratch, key, word, why, sizeof why);
}

/* One word of a policy becomes ":SIGNAL.key=value". */
static int add_word(struct options *o, const char *given, const char *signal, const char *word)
{
    static struct sf_config scratch;
    const char *equal = strchr(word, '='), *value = equal ? equal + 1 : word;
    char key[320], why[160];
    size_t used = strlen(o->settings);

    if (equal)
        snprintf(key, sizeof key, "%s.%.*s", signal, (int)strcspn(word, "="), word);
    else if (is_value("route", word))
        snprintf(key, sizeof key, "%s.route", signal);
    else
        snprintf(key, sizeof key, "%s.replay", signal);
    sf_config_defaults(&scratch);
    if (sf_config_set(&scratch, key, value, why, sizeof why))
        return sf_fail(SF_EXIT_FAILED, "--signal %s: %s%s", given, why,
                       equal || is_value("replay", word) || is_value("route", word)
                           ? "" : " (or a route: auto, signalfd, direct)");
    if (snprintf(o->settings + used, sizeof o->settings - used, ":%s=%s", key, value) >=
        (int)(sizeof o->settings - used))
        return sf_fail(SF_EXIT_FAILED, "--signal %s: too many settings; write them into a file for --config", given);
    return 0;
}

static int add_signal(struct options *o, const char *given)
{
    char text[256], name[16], *policy, *word, *next;
    int signo, status = 0;

    if (snprintf(text, sizeof text, "%s", given) >= (int)sizeof text)
        return sf_fail(SF_EXIT_FAILED, "--signal %.40s...: too long", given);
    policy = strchr(text, '=');
    if (!policy || !policy[1])
        return sf_fail(SF_EXIT_FAILED, "--signal %s: is not SIGNAL=POLICY; for example --signal HUP=safe-point", given);
    *policy++ = 0;
    signo = sf_signal_number(text);
    for (word = policy; word && !status; word = next) {
        next = strchr(word, ':');
        if (next)
            *next++ = 0;
        /* The name as it was given, where it is none, for the parser's message. */
        status = add_word(o, given, signo > 0 ? sf_signal_name(signo, name) : text, word);
    }
    return status;
}

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

static int set_settings(struct options *o)
{
    const char *old = getenv("SIGFERRY");
    char *all;
    int err;

    if (!o->settings[0])
        return 0;
    if (asprintf(&all, "%s%s", old ? old : "", o->settings + !(old && *old)) < 0)
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

static int execute(const struct sf_program *p, char **argv, int argc)
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

static int parse(int argc, char **argv, struct options *o)
{
    static const struct option known[] = { { "signal", required_argument, NULL, 's' },
                                           { "config", required_argument, NULL, 'c' },
                                           { "no-guard", no_argument, NULL, 'G' },
                                           { "verbose", no_argument, NULL, 'v' },
                                           { "help", no_argument, NULL, 'h' },
                                           { NULL, 0, NULL, 0 } };
    int c, status = 0;

    opterr = 0;
    while (!status && (c = getopt_long(argc, argv, "+:s:c:vh", known, NULL)) != -1) {
        if (c == 's')
            status = add_signal(o, optarg);
        else if (c == 'c')
            o->file = optarg;
        else if (c == 'G')
            o->no_guard = 1;
        else if (c == 'v')
            o->verbose = 1;
        else if (c == 'h')
            exit(help());
        else
            status = sf_fail_option("run", c, argv);
    }
    if (!status && optind == argc)
        status = sf_fail(SF_EXIT_FAILED, "run: which program? For example: sigferry run -- PROGRAM; "
                         "see sigferry run --help");
    return status;
}

/* All that can be told to be wrong, from the cheap to the dear. */
static int prepare(struct options *o, const char *name, struct sf_program *program)
{
    static struct sf_config config;
    static struct sf_libraries libraries;
    int status = o->file ? name_file(o->file) : 0;

    if (!status)
        status = set_settings(o);
    if (!status)
        status = check_config(name, &config);
    if (!status)
        status = sf_find_program(name, program);
    if (!status)
        status = sf_preflight(program);
    if (!status)
        status = sf_find_libraries(config.guard && !o->no_guard, &libraries);
    if (!status)
        status = set_preload(&libraries);
    return status ? status : sf_trial(program, &libraries);
}

int sf_run(int argc, char **argv)
{
    static struct options o;
    static struct sf_program program;
    int status = parse(argc, argv, &o);

    if (!status)
        status = prepare(&o, argv[optind], &program);
    if (status)
        return status;
    if (o.verbose)
        fprintf(stderr, "sigferry: %s: loaded by %s, LD_PRELOAD=%s SIGFERRY=%s\n", program.path, program.binary,
                getenv("LD_PRELOAD"), getenv("SIGFERRY") ? getenv("SIGFERRY") : "");
    return execute(&program, argv + optind, argc - optind);
}
