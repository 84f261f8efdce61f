/* Messages of the command: one line each, so that a supervisor's log keeps them whole. */
#include <cli/cli.h>

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int sf_fail(int status, const char *format, ...)
{
    char line[9216] = "sigferry: ";
    size_t begin = strlen(line);
    va_list list;

    va_start(list, format);
    vsnprintf(line + begin, sizeof line - begin - 1, format, list);
    va_end(list);
    /* File names and arguments may hold anything. */
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < 32 || *c == 127)
            *c = '?';
    strcat(line, "\n");
    /* One write: lines of processes that share a log do not mix. Where it cannot be written, the status tells. */
    if (write(STDERR_FILENO, line, strlen(line)) < 0)
        return status;
    return status;
}

int sf_fail_option(const char *command, int c, char **argv)
{
    const char *given = argv[optind - 1];

    if (c == ':')
        return sf_fail(SF_EXIT_FAILED, "%s: option %s needs a value; see sigferry %s --help", command, given, command);
    if (optopt && strncmp(given, "--", 2) != 0)
        return sf_fail(SF_EXIT_FAILED, "%s: unknown option -%c; see sigferry %s --help", command, optopt, command);
    return sf_fail(SF_EXIT_FAILED, "%s: unknown option %s; see sigferry %s --help", command, given, command);
}
