/* sigferry SUBCOMMAND ...: one file for each. */
#include <cli/cli.h>

#include <stdio.h>
#include <string.h>

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    { "run", sf_run, "start a program whose signal handlers run at safe moments" },
    { "check", sf_check, "run a program and say what its signal handlers must not do" },
    { "trace", sf_trace, "show who sends signals, when, to whom, and what becomes of them" },
    { "ps", sf_ps, "list the processes that have the library in them" },
    { "stat", sf_stat, "counts, rates and percentiles for each signal and handler" },
    { "top", sf_top, "the same, for all processes, on the whole terminal" },
    { "ctl", sf_ctl, "change tracing and replay in a running process" },
    { "report", sf_report, "write what handlers did into one page for a browser" },
    { "exporter", sf_exporter, "serve the numbers of all processes to Prometheus" },
    { "signals", sf_signals, "show what a running process has installed, routed, blocked and pending" },
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

/* An output that cannot be written (a full disk) is an error here as everywhere. */
static int help(void)
{
    printf("Usage: sigferry COMMAND [OPTION]... [ARGUMENT]...\n\n"
           "Keeps a program's caught signals blocked and has its handlers run at safe moments.\n\n");
    for (int i = 0; i < COMMANDS; i++)
        printf("  %-10s %s\n", commands[i].name, commands[i].summary);
    printf("\n  --version  print the version\n  --help     print this text\n\n"
           "sigferry COMMAND --help tells more; so do sigferry(1) and sigferry.conf(5).\n");
    return fflush(stdout) ? SF_EXIT_FAILED : 0;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return sf_fail(SF_EXIT_FAILED, "which command? For example: sigferry run -- PROGRAM; see sigferry --help");
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))
        return help();
    if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
        puts("sigferry " SF_VERSION);
        return fflush(stdout) ? SF_EXIT_FAILED : 0;
    }
    for (int i = 0; i < COMMANDS; i++)
        if (!strcmp(argv[1], commands[i].name))
            return commands[i].run(argc - 1, argv + 1);
    return sf_fail(SF_EXIT_FAILED, "unknown command %s; see sigferry --help", argv[1]);
}
