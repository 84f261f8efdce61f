/* sigferry check: beside a program, and after it what its handlers did that they must not. */
#include <cli/beside.h>
#include <cli/cli.h>
#include <cli/directory.h>
#include <cli/launch.h>
#include <cli/report.h>
#include <cli/setting.h>
#include <config/provoke.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
    int native, json, sarif, suppressions, read;
    int error_status; /* -1: the program's own */
    const char *output, *slow, *config, *provoke;
    struct sf_suppressions *suppress;
};

static int help(void)
{
    puts("Usage: sigferry check [OPTION]... [--] PROGRAM [ARGUMENT]...\n"
         "       sigferry check [OPTION]... --read FILE|DIRECTORY...\n\n"
         "Run PROGRAM, and say what its signal handlers do that they must not, and what came or had come of it.\n\n"
         "      --native               replay signals as natively: what is found happens; without it, it is averted\n"
         "      --provoke[=WHAT]       send the signals that it catches, while it is inside of functions that are not safe;\n"
         "                             WHAT: [SIGNAL,...][@FUNCTION[#COUNT][/entry|/exit|/Nns]]\n"
         "      --slow TIME            a handler that runs for longer is a finding (100ms)\n"
         "  -f, --format FORMAT        text (default), json, or sarif (2.1.0)\n"
         "  -o, --output FILE          write there, not to standard error\n"
         "      --suppressions FILE    leave out what FILE covers; may be repeated\n"
         "      --gen-suppressions     print a suppression for each finding\n"
         "      --error-exitcode N     exit with N if there is an error or a warning\n"
         "  -c, --config FILE          read this file instead of the usual ones\n"
         "      --read                 the arguments are what `sigferry run --check` or a process has left\n"
         "  -h, --help                 print this text\n\n"
         "Exit status: that of PROGRAM, by which signal it died too; 125 a setting is wrong; 126, 127 it cannot be executed,\n"
         "or is not found; with --error-exitcode N if there are findings. With --read: 0, or 1 if there are findings.");
    return fflush(stdout) ? SF_EXIT_FAILED : 0;
}

enum { NATIVE = 256, PROVOKE, SLOW, SUPPRESSIONS, GENERATE, ERROR_STATUS, READ };

static int parse_format(struct options *o, const char *format)
{
    o->json = !strcmp(format, "json");
    o->sarif = !strcmp(format, "sarif");
    if (o->json || o->sarif || !strcmp(format, "text"))
        return 0;
    return sf_fail(SF_EXIT_FAILED, "check: unknown format %s; use text, json or sarif", format);
}

static int parse_status(struct options *o, const char *given)
{
    char *end;
    long n = strtol(given, &end, 10);

    if (!*given || *end || n < 0 || n > 255)
        return sf_fail(SF_EXIT_FAILED, "check: --error-exitcode %s is no number from 0 to 255", given);
    o->error_status = (int)n;
    return 0;
}

static int parse_provoke(struct options *o, const char *given)
{
    struct sf_provoke scratch;

    if (sf_provoke_parse(&scratch, given))
        return sf_fail(SF_EXIT_FAILED, "check: --provoke=%s is not [SIGNAL,...][@FUNCTION[#COUNT][/entry|/exit|/Nns]]; for example "
                       "--provoke=ALRM@malloc#12", given);
    o->provoke = given;
    return 0;
}

static int parse_one(struct options *o, int c, char **argv)
{
    switch (c) {
    case NATIVE:
        o->native = 1;
        return 0;
    case PROVOKE:
        return parse_provoke(o, optarg ? optarg : "");
    case SLOW:
        return sf_setting_parse("check", "slow", optarg, &o->slow);
    case 'f':
        return parse_format(o, optarg);
    case 'o':
        o->output = optarg;
        return 0;
    case SUPPRESSIONS:
        return sf_suppressions_read(&o->suppress, optarg);
    case GENERATE:
        o->suppressions = 1;
        return 0;
    case ERROR_STATUS:
        return parse_status(o, optarg);
    case 'c':
        o->config = optarg;
        return 0;
    case READ:
        o->read = 1;
        return 0;
    case 'h':
        exit(help());
    default:
        return sf_fail_option("check", c, argv);
    }
}

static int parse(int argc, char **argv, struct options *o)
{
    static const struct option known[] = { { "native", no_argument, NULL, NATIVE },
                                           { "provoke", optional_argument, NULL, PROVOKE },
                                           { "slow", required_argument, NULL, SLOW },
                                           { "format", required_argument, NULL, 'f' },
                                           { "output", required_argument, NULL, 'o' },
                                           { "suppressions", required_argument, NULL, SUPPRESSIONS },
                                           { "gen-suppressions", no_argument, NULL, GENERATE },
                                           { "error-exitcode", required_argument, NULL, ERROR_STATUS },
                                           { "config", required_argument, NULL, 'c' },
                                           { "read", no_argument, NULL, READ },
                                           { "help", no_argument, NULL, 'h' },
                                           { NULL, 0, NULL, 0 } };
    int c, status = 0;

    opterr = 0;
    o->error_status = -1;
    while (!status && (c = getopt_long(argc, argv, "+:f:o:c:h", known, NULL)) != -1)
        status = parse_one(o, c, argv);
    if (!status && optind == argc)
        status = sf_fail(SF_EXIT_FAILED, o->read ? "check: --read what? For example: sigferry check --read /run/user/0/sigferry"
                                                 : "check: which program? For example: sigferry check -- PROGRAM; "
                                                   "see sigferry check --help");
    return status;
}

/* ---- the report ---- */

static int report(struct options *o, struct sf_findings *all, char *const *argv)
{
    struct sf_report r = { all, argv, o->native, o->suppressions, 0, o->provoke != NULL };
    int failed = 0;
    FILE *out = o->output ? fopen(o->output, "we") : stderr;

    if (!out)
        return sf_fail(SF_EXIT_FAILED, "%s: cannot be written: %s", o->output, strerror(errno));
    sf_suppress(o->suppress, all);
    sf_findings_sort(all);
    r.colour = isatty(fileno(out)) && !getenv("NO_COLOR");
    if (o->sarif)
        sf_report_sarif(&r, out);
    else if (o->json)
        sf_report_json(&r, out);
    else
        sf_report_text(&r, out);
    if (fflush(out) || ferror(out))
        failed = sf_fail(SF_EXIT_FAILED, "%s: cannot be written: %s", o->output ? o->output : "standard error", strerror(errno));
    if (out != stderr)
        fclose(out);
    return failed;
}

static int any(const struct sf_findings *all)
{
    for (size_t i = 0; i < all->count; i++)
        if (!all->found[i].suppressed && sf_found_level(&all->found[i]) > SF_LEVEL_NOTE)
            return 1;
    return 0;
}

static int read_left(struct options *o, char **paths)
{
    struct sf_findings all = { NULL, 0, 0, 0, 0 };
    int status = 0, err;

    for (; *paths && !status; paths++) {
        err = sf_findings_read(&all, *paths);
        if (err == -EPROTO)
            status = sf_fail(SF_EXIT_FAILED, "%s: is no record of this version of sigferry", *paths);
        else if (err)
            status = sf_fail(SF_EXIT_FAILED, "%s: cannot be read: %s", *paths, strerror(-err));
    }
    if (!status)
        status = report(o, &all, NULL);
    if (!status && any(&all))
        status = o->error_status >= 0 ? o->error_status : SF_EXIT_NONE;
    sf_findings_free(&all);
    return status;
}

static int beside(struct options *o, int argc, char **argv)
{
    static struct sf_program program;
    struct sf_findings all = { NULL, 0, 0, 0, 0 };
    char settings[96], dir[SF_DIRECTORY];
    struct sf_launch launch = { argv[0], settings, o->config, SF_GUARD_MUST };
    int status, ended, err;
    pid_t child;

    snprintf(settings, sizeof settings, ":check=%s%s%s%s", o->native ? "native" : "on", o->slow ? ":slow=" : "",
             o->slow ? o->slow : "", o->provoke ? ":patience=1ms" : "");
    if (o->provoke ? setenv("SIGFERRY_PROVOKE", o->provoke, 1) : unsetenv("SIGFERRY_PROVOKE"))
        return sf_fail(SF_EXIT_FAILED, "out of memory");
    status = sf_launch_prepare(&launch, &program);
    if (!status)
        status = sf_directory_make("check", dir);
    if (status)
        return status;
    status = sf_beside_start(&program, argv, argc, &child);
    ended = status ? 0 : sf_beside_wait(child);
    err = status ? 0 : sf_findings_read(&all, dir);
    if (err)
        status = sf_fail(SF_EXIT_FAILED, "%s: cannot be read: %s", dir, strerror(-err));
    else if (!status)
        status = report(o, &all, argv);
    sf_directory_remove(dir);
    if (!status && o->error_status >= 0 && any(&all))
        status = o->error_status;
    else if (!status)
        status = sf_beside_end(ended);
    sf_findings_free(&all);
    return status;
}

int sf_check(int argc, char **argv)
{
    static struct options o;
    int status = parse(argc, argv, &o);

    if (!status)
        status = o.read ? read_left(&o, argv + optind) : beside(&o, argc - optind, argv + optind);
    sf_suppressions_free(o.suppress);
    return status;
}
