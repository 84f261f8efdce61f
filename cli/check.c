/* sigferry check: beside a program, and after it what its handlers did that they must not. */
#include <base/text.h>
#include <cli/beside.h>
#include <cli/cli.h>
#include <cli/directory.h>
#include <cli/launch.h>
#include <cli/report.h>
#include <cli/retry.h>
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
    int64_t budget_ns; /* for further runs */
    int once;          /* the very moment is named: there is nothing more to try */
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
         "      --budget TIME          with --provoke: run PROGRAM again until all has been tried, but not after TIME (60s)\n"
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

enum { NATIVE = 256, PROVOKE, BUDGET, SLOW, SUPPRESSIONS, GENERATE, ERROR_STATUS, READ };

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
    o->once = scratch.count != 0;
    return 0;
}

static int parse_budget(struct options *o, const char *given)
{
    if (sf_parse_duration(given, &o->budget_ns))
        return sf_fail(SF_EXIT_FAILED, "check: --budget %s is no time; for example --budget 30s, or 0 for one run", given);
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
    case BUDGET:
        return parse_budget(o, optarg);
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
                                           { "budget", required_argument, NULL, BUDGET },
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
    o->budget_ns = 60000000000;
    while (!status && (c = getopt_long(argc, argv, "+:f:o:c:h", known, NULL)) != -1)
        status = parse_one(o, c, argv);
    if (!status && optind == argc)
        status = sf_fail(SF_EXIT_FAILED, o->read ? "check: --read what? For example: sigferry check --read /run/user/0/sigferry"
                                                 : "check: which program? For example: sigferry check -- PROGRAM; "
                                                   "see sigferry check --help");
    return status;
}

/* ---- the report ---- */

static int report(struct options *o, struct sf_findings *all, char *const *argv, const struct sf_retry *retry)
{
    struct sf_report r = { all, argv, o->native, o->suppressions, 0, o->provoke != NULL, retry };
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
        status = report(o, &all, NULL, NULL);
    if (!status && any(&all))
        status = o->error_status >= 0 ? o->error_status : SF_EXIT_NONE;
    sf_findings_free(&all);
    return status;
}

/* The program, from its beginning to its end. *ended: its wait status. 0, or an exit status after a message. */
static int run(const struct sf_program *program, int argc, char **argv, const char *dir, struct sf_findings *all, int *ended)
{
    pid_t child;
    int status = sf_beside_start(program, argv, argc, &child), err;

    if (status)
        return status;
    *ended = sf_beside_wait(child);
    err = sf_findings_read(all, dir);
    return err ? sf_fail(SF_EXIT_FAILED, "%s: cannot be read: %s", dir, strerror(-err)) : 0;
}

/* Once, or with --provoke again and again. *ended: of the first run. An exit status of our own; -1: the program's. */
static int runs(struct options *o, const struct sf_program *program, int argc, char **argv, const char *dir, int *ended)
{
    struct sf_findings all = { NULL, 0, 0, 0, 0 };
    struct sf_retry retry = { .table = NULL };
    int status = o->provoke && !o->once ? sf_retry_begin(&retry, dir, o->budget_ns) : 0, other;

    if (!status)
        status = run(program, argc, argv, dir, &all, ended);
    while (!status && sf_retry_again(&retry) && !sf_beside_interrupted()) {
        sf_directory_clear(dir, ".ring");
        status = run(program, argc, argv, dir, &all, &other);
    }
    if (!status)
        status = report(o, &all, argv, &retry);
    if (!status && o->error_status >= 0 && any(&all))
        status = o->error_status;
    else if (!status)
        status = -1;
    sf_retry_end(&retry);
    sf_findings_free(&all);
    return status;
}

static int beside(struct options *o, int argc, char **argv)
{
    static struct sf_program program;
    char settings[96], dir[SF_DIRECTORY];
    struct sf_launch launch = { argv[0], settings, o->config, SF_GUARD_MUST };
    int status, ended = 0;

    snprintf(settings, sizeof settings, ":check=%s%s%s%s", o->native ? "native" : "on", o->slow ? ":slow=" : "",
             o->slow ? o->slow : "", o->provoke ? ":patience=1ms" : "");
    if (o->provoke ? setenv("SIGFERRY_PROVOKE", o->provoke, 1) : unsetenv("SIGFERRY_PROVOKE"))
        return sf_fail(SF_EXIT_FAILED, "out of memory");
    status = sf_launch_prepare(&launch, &program);
    if (!status && program.go)
        status = sf_fail(SF_EXIT_FAILED, "%s: is a Go program: its runtime handles signals past libc, so nothing can be checked; "
                         "use sigferry trace", argv[0]);
    if (!status)
        status = sf_directory_make("check", dir);
    if (status)
        return status;
    status = runs(o, &program, argc, argv, dir, &ended);
    sf_directory_remove(dir);
    return status < 0 ? sf_beside_end(ended) : status;
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
