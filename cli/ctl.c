/* sigferry ctl: change what the library does in a running process. */
#include <base/names.h>
#include <cli/cli.h>
#include <cli/follow.h>
#include <cli/host.h>
#include <config/config.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { PIDS = 256 };

struct change {
    int trace; /* 1 on, 0 off, -1: it is about a signal */
    int signo;
    unsigned replay; /* 0: as configured */
};

static int help(void)
{
    puts("Usage: sigferry ctl PID[,PID]... trace on|off\n"
         "       sigferry ctl PID[,PID]... signal SIGNAL replay=REPLAY\n\n"
         "Change a running process that has libsigferry.so in it; `all` in place of PID: all that may be changed.\n\n"
         "  trace on|off    write records, or no more; sigferry trace -p does this by itself\n"
         "  replay=REPLAY   where the handler of SIGNAL is called from now on: interruption-point, safe-point, helper,\n"
         "                  helper-concurrent, now; or default: as configured\n"
         "  -h, --help      print this text\n\n"
         "Exit status: 0; 1 a process is not there, may not be changed, or cannot do so; 125 wrong arguments.");
    return fflush(stdout) ? SF_EXIT_FAILED : 0;
}

static int parse_replay(const char *given, unsigned *replay)
{
    char known[160] = "";

    if (strncmp(given, "replay=", 7) != 0)
        return sf_fail(SF_EXIT_FAILED, "ctl: %s is not replay=REPLAY; for example replay=safe-point", given);
    for (*replay = SF_REPLAY_POINT; *replay <= SF_REPLAY_NOW; ++*replay) {
        const char *name = sf_replay_name((enum sf_replay)*replay);

        if (!strcmp(given + 7, name))
            return 0;
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s, ", name);
    }
    *replay = 0;
    return strcmp(given + 7, "default") ? sf_fail(SF_EXIT_FAILED, "ctl: unknown %s; use %sdefault", given, known) : 0;
}

static int parse_change(int argc, char **argv, struct change *c)
{
    c->trace = -1;
    if (argc == 2 && !strcmp(argv[0], "trace") && (!strcmp(argv[1], "on") || !strcmp(argv[1], "off"))) {
        c->trace = !strcmp(argv[1], "on");
        return 0;
    }
    if (argc != 3 || strcmp(argv[0], "signal"))
        return sf_fail(SF_EXIT_FAILED, "ctl: what is to change? For example: sigferry ctl 1234 trace on, or "
                       "sigferry ctl 1234 signal HUP replay=safe-point");
    c->signo = sf_signal_number(argv[1]);
    if (c->signo < 0)
        return sf_fail(SF_EXIT_FAILED, "ctl: unknown signal %s", argv[1]);
    return parse_replay(argv[2], &c->replay);
}

/* Where a signal goes past the library there is no place to choose. */
static int possible(const struct sf_ring *r, const struct change *c)
{
    const struct sf_row *row = &r->status->row[c->signo];
    char name[16];

    sf_signal_name(c->signo, name);
    if (!c->replay)
        return 0;
    if (r->status->mode == SF_MODE_DIRECT || (row->caught && !row->routed && r->status->mode != SF_MODE_CHILD))
        return sf_fail(SF_EXIT_NONE, "%d: %s goes to its handler directly there (route = direct, or replay = now from the "
                       "start): nothing can be chosen", (int)r->pid, name);
    if ((c->replay == SF_REPLAY_HELPER || c->replay == SF_REPLAY_CONCURRENT) && r->status->runner_tid <= 0)
        return sf_fail(SF_EXIT_NONE, "%d: has no helper thread; it gets one at its start, by replay = helper in its "
                       "configuration", (int)r->pid);
    return 0;
}

static int change(pid_t pid, const struct change *c)
{
    struct sf_ring ring;
    int err = sf_ring_open_process(pid, &ring), status = 0;

    if (!err && c->trace < 0)
        status = possible(&ring, c);
    if (!err && !status)
        err = c->trace >= 0 ? sf_ring_trace(&ring, c->trace) : sf_ring_replay(&ring, c->signo, c->replay);
    if (err)
        status = sf_ring_fail(pid, &ring, err);
    sf_ring_close(&ring);
    return status;
}

static int change_all(const struct change *c)
{
    struct sf_host h = { .only = NULL };
    int status = 0;

    if (!sf_host_look(&h))
        status = sf_fail(SF_EXIT_NONE, "ctl: no process has libsigferry.so in it");
    for (const struct sf_guest *g = h.first; g; g = g->next)
        status |= change(g->ring.pid, c);
    sf_host_end(&h);
    return status;
}

int sf_ctl(int argc, char **argv)
{
    static const struct option known[] = { { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
    static pid_t list[PIDS];
    struct change wanted = { 0, 0, 0 };
    size_t count = 0;
    int c, status;

    opterr = 0;
    while ((c = getopt_long(argc, argv, "+:h", known, NULL)) != -1) {
        if (c == 'h')
            return help();
        return sf_fail_option("ctl", c, argv);
    }
    if (optind == argc)
        return sf_fail(SF_EXIT_FAILED, "ctl: which process? For example: sigferry ctl 1234 trace on");
    status = strcmp(argv[optind], "all") ? sf_host_parse("ctl", argv[optind], list, &count, PIDS) : 0;
    if (!status)
        status = parse_change(argc - optind - 1, argv + optind + 1, &wanted);
    if (status)
        return status;
    if (!count)
        return change_all(&wanted);
    for (size_t i = 0; i < count; i++)
        status |= change(list[i], &wanted);
    return status;
}
