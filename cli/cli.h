/* What the subcommands share. */
#ifndef SF_CLI_CLI_H
#define SF_CLI_CLI_H

/* Exit statuses of our own, as env(1) and nohup(1) have them; else the program's. */
enum {
    SF_EXIT_NONE = 1,       /* nothing to show: no such process, no library in it, not permitted */
    SF_EXIT_FAILED = 125,   /* a wrong option or setting; a program that cannot be carried */
    SF_EXIT_NO_EXEC = 126,  /* found, but it cannot be executed */
    SF_EXIT_NOT_FOUND = 127
};

/* Each gets its own name in argv[0] and returns the exit status. */
int sf_run(int argc, char **argv);
int sf_trace(int argc, char **argv);
int sf_ps(int argc, char **argv);
int sf_stat(int argc, char **argv);
int sf_top(int argc, char **argv);
int sf_ctl(int argc, char **argv);
int sf_report(int argc, char **argv);
int sf_exporter(int argc, char **argv);
int sf_signals(int argc, char **argv);
int sf_check(int argc, char **argv);

/* "sigferry: ..." as one line on stderr, whatever the arguments contain; returns `status`. */
int sf_fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* getopt's own messages would begin with another name and name no remedy. `c` is what it returned. */
int sf_fail_option(const char *command, int c, char **argv);

#endif
