/* sigferry run: become the program, with the library in it.
 *
 * As env(1) and nohup(1) do: same process, same parent; whoever started us sees the program and its own status.
 * What the program inherits (mask, ignored signals, descriptors, children) is what we were given.
 */
#include <base/names.h>
#include <cli/cli.h>
#include <cli/launch.h>
#include <cli/setting.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SETTINGS_SIZE = 16384 };

struct options {
    char settings[SETTINGS_SIZE]; /* what --signal says, as for the variable SIGFERRY */
    const char *file;
    int no_guard, check, verbose;
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
         "      --check                 note what handlers do that they must not; sigferry check --read tells\n"
         "      --no-guard              do not load the second library, which knows when malloc, stdio, ... run\n"
         "  -v, --verbose               say what is being done\n"
         "  -h, --help                  print this text\n\n"
         "For example: sigferry run --signal HUP=safe-point --signal USR1=signalfd:helper -- ./daemon -f\n\n"
         "Exit status: that of PROGRAM; 125 it cannot be carried, or a setting is wrong; 126 it cannot be executed;\n"
         "127 it is not found.");
    return fflush(stdout) ? SF_EXIT_FAILED : 0;
}

static int is_value(const char *key, const char *word)
{
    char why[SF_WHY];

    return !sf_setting_try(key, word, why);
}

/* One word of a policy becomes ":SIGNAL.key=value". */
static int add_word(struct options *o, const char *given, const char *signal, const char *word)
{
    const char *equal = strchr(word, '='), *value = equal ? equal + 1 : word;
    char key[320], why[SF_WHY];
    size_t used = strlen(o->settings);

    if (equal)
        snprintf(key, sizeof key, "%s.%.*s", signal, (int)strcspn(word, "="), word);
    else if (is_value("route", word))
        snprintf(key, sizeof key, "%s.route", signal);
    else
        snprintf(key, sizeof key, "%s.replay", signal);
    if (sf_setting_try(key, value, why))
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

static int parse(int argc, char **argv, struct options *o)
{
    static const struct option known[] = { { "signal", required_argument, NULL, 's' },
                                           { "config", required_argument, NULL, 'c' },
                                           { "no-guard", no_argument, NULL, 'G' },
                                           { "check", no_argument, NULL, 'C' },
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
        else if (c == 'C')
            o->check = 1;
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

int sf_run(int argc, char **argv)
{
    static struct options o;
    static struct sf_program program;
    struct sf_launch launch = { NULL, o.settings, NULL, SF_GUARD_AS_CONFIGURED };
    int status = parse(argc, argv, &o);

    launch.name = argv[optind];
    launch.file = o.file;
    if (o.no_guard)
        launch.guard = SF_GUARD_NEVER;
    if (o.check) {
        launch.guard = SF_GUARD_MUST;
        strncat(o.settings, ":check=on", sizeof o.settings - strlen(o.settings) - 1);
    }
    if (!status)
        status = sf_launch_prepare(&launch, &program);
    if (status)
        return status;
    if (o.verbose)
        fprintf(stderr, "sigferry: %s: loaded by %s, LD_PRELOAD=%s SIGFERRY=%s\n", program.path, program.binary,
                getenv("LD_PRELOAD"), getenv("SIGFERRY") ? getenv("SIGFERRY") : "");
    return sf_launch_execute(&program, argv + optind, argc - optind);
}
