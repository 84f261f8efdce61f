/* sigferry trace: what becomes of signals, live, of a program that we start or of processes that run. */
#include <cli/beside.h>
#include <cli/cli.h>
#include <cli/follow.h>
#include <cli/host.h>
#include <cli/launch.h>
#include <cli/setting.h>
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIDS = 256 };

struct options {
    struct sf_follow follow;
    const struct sf_writer_format *format;
    const char *output, *config, *records, *route;
    int read;
    size_t pids;
    pid_t pid[PIDS];
};

static struct sf_follow *stopping;

static int help(void)
{
    puts("Usage: sigferry trace [OPTION]... [--] PROGRAM [ARGUMENT]...\n"
         "       sigferry trace [OPTION]... -p PID...\n"
         "       sigferry trace [OPTION]... --read FILE...\n\n"
         "Show who sends signals to PROGRAM and its children, when, to which thread, and what becomes of them.\n\n"
         "  -p, --pid PID[,PID]...   processes that run already, with the library in them, and their children\n"
         "  -e signal=SIG[,SIG]...   these signals only; -e signal=!SIG: all but these\n"
         "  -e event=EVENT[,...]     these events only: arrive, wait, begin, end, ... (all but mask, thread, mode)\n"
         "  -f, --format FORMAT      text (default), json (JSON Lines), chrome (Perfetto), ctf (a directory), html\n"
         "  -o, --output FILE        write there; else to standard error, with -p or --read to standard output\n"
         "      --route ROUTE        direct (default: signals go as natively, and at once), or auto, signalfd\n"
         "      --records N          places of each process's ring (262144)\n"
         "  -c, --config FILE        read this file instead of the usual ones\n"
         "      --read               the arguments are what processes have left\n"
         "  -h, --help               print this text\n\n"
         "Exit status: that of PROGRAM, by which signal it died too; with -p and --read 0, or 1 where a process or file\n"
         "cannot be read; 125 an option or setting is wrong, or the output cannot be written; 126, 127 PROGRAM cannot be\n"
         "executed, or is not found.");
    return fflush(stdout) ? SF_EXIT_FAILED : 0;
}

enum { ROUTE = 256, RECORDS, READ };

static int parse_format(struct options *o, const char *given)
{
    static const struct sf_writer_format *const known[] = { &sf_writer_text, &sf_writer_json, &sf_writer_chrome, &sf_writer_ctf, &sf_writer_html };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (!strcmp(given, known[i]->name)) {
            o->format = known[i];
            return 0;
        }
    return sf_fail(SF_EXIT_FAILED, "trace: unknown format %s; use text, json, chrome, ctf or html", given);
}

static int parse_one(struct options *o, int c, char **argv)
{
    switch (c) {
    case 'p':
        return sf_host_parse("trace", optarg, o->pid, &o->pids, PIDS);
    case 'e':
        return sf_filter_add(&o->follow.filter, optarg);
    case 'f':
        return parse_format(o, optarg);
    case 'o':
        o->output = optarg;
        return 0;
    case ROUTE:
        return sf_setting_parse("trace", "route", optarg, &o->route);
    case RECORDS:
        return sf_setting_parse("trace", "records", optarg, &o->records);
    case 'c':
        o->config = optarg;
        return 0;
    case READ:
        o->read = 1;
        return 0;
    case 'h':
        exit(help());
    default:
        return sf_fail_option("trace", c, argv);
    }
}

static int parse(int argc, char **argv, struct options *o)
{
    static const struct option known[] = { { "pid", required_argument, NULL, 'p' },
                                           { "format", required_argument, NULL, 'f' },
                                           { "output", required_argument, NULL, 'o' },
                                           { "route", required_argument, NULL, ROUTE },
                                           { "records", required_argument, NULL, RECORDS },
                                           { "config", required_argument, NULL, 'c' },
                                           { "read", no_argument, NULL, READ },
                                           { "help", no_argument, NULL, 'h' },
                                           { NULL, 0, NULL, 0 } };
    int c, status = 0;

    opterr = 0;
    while (!status && (c = getopt_long(argc, argv, "+:p:e:f:o:c:h", known, NULL)) != -1)
        status = parse_one(o, c, argv);
    if (status)
        return status;
    if (o->pids && (optind < argc || o->read))
        return sf_fail(SF_EXIT_FAILED, "trace: -p goes without a program and without --read");
    if (!o->pids && optind == argc)
        return sf_fail(SF_EXIT_FAILED, o->read ? "trace: --read which file?"
                                               : "trace: which program? For example: sigferry trace -- PROGRAM; "
                                                 "see sigferry trace --help");
    return 0;
}

/* ---- the output ---- */

static int open_output(struct options *o, int standard)
{
    struct sf_writer *w = &o->follow.writer;

    w->format = o->format;
    w->path = o->output && strcmp(o->output, "-") ? o->output : NULL;
    if (w->format->directory && !w->path)
        return sf_fail(SF_EXIT_FAILED, "trace: --format %s writes a directory: name it with -o DIRECTORY", w->format->name);
    if (!w->format->directory) {
        w->out = w->path ? fopen(w->path, "we") : o->output ? stdout : standard == STDOUT_FILENO ? stdout : stderr;
        if (!w->out)
            return sf_fail(SF_EXIT_FAILED, "%s: cannot be written: %s", w->path, strerror(errno));
        setvbuf(w->out, NULL, _IOFBF, 1 << 16);
        w->colour = isatty(fileno(w->out)) && !getenv("NO_COLOR");
    }
    return w->format->begin ? w->format->begin(w) : 0;
}

/* Who reads no further has seen enough; anything else has spoilt the trace. */
static int close_output(struct options *o)
{
    struct sf_writer *w = &o->follow.writer;
    int error = o->follow.error;

    if (w->out && w->out != stdout && w->out != stderr && fclose(w->out) && !error)
        error = errno;
    if (!error || error == EPIPE)
        return 0;
    return sf_fail(SF_EXIT_FAILED, "%s: cannot be written: %s", w->path ? w->path : "the output", strerror(error));
}

/* ---- beside a program ---- */

static void *follow_thread(void *arg)
{
    sf_follow_run(arg);
    return NULL;
}

static void stop(int signo)
{
    stopping->stop = 1;
}

static void stop_on(struct sf_follow *f, int signo)
{
    struct sigaction act;

    stopping = f;
    memset(&act, 0, sizeof act);
    act.sa_handler = stop;
    sigaction(signo, &act, NULL);
}

static void stop_on_signals(struct sf_follow *f)
{
    stop_on(f, SIGINT);
    stop_on(f, SIGTERM);
    stop_on(f, SIGHUP);
}

/* Our thread takes no signals: they are for the program, and a closed pipe is an error code. */
static int start_thread(struct sf_follow *f, pthread_t *thread)
{
    sigset_t all, old;
    int err;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    err = pthread_create(thread, NULL, follow_thread, f);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return err ? sf_fail(SF_EXIT_FAILED, "no thread can be started: %s", strerror(err)) : 0;
}

/* The program first, then whatever it has left running: until that ends, too, or we are told to stop. */
static int beside(struct options *o, int argc, char **argv)
{
    static struct sf_program program;
    char settings[160];
    struct sf_launch launch = { argv[0], settings, o->config, o->route ? SF_GUARD_AS_CONFIGURED : SF_GUARD_NEVER };
    int status, ended, wrong;
    pthread_t thread;
    pid_t child;

    /* As natively also means: when it comes. Without replay = now the handler still waits for its moment in the thread. */
    snprintf(settings, sizeof settings, ":trace=deaths:route=%s:records=%s", o->route ? o->route : "direct:replay=now",
             o->records ? o->records : "262144");
    status = sf_launch_prepare(&launch, &program);
    if (!status)
        status = open_output(o, STDERR_FILENO);
    if (!status)
        status = sf_follow_directory(&o->follow);
    if (!status)
        status = start_thread(&o->follow, &thread);
    if (status)
        return status;
    status = sf_beside_start(&program, argv, argc, &child);
    ended = status ? 0 : sf_beside_wait(child);
    stop_on_signals(&o->follow);
    if (sf_beside_told_to_stop())
        o->follow.stop = 1;
    o->follow.alone = 1;
    pthread_join(thread, NULL);
    wrong = close_output(o);
    return status ? status : wrong ? wrong : sf_beside_end(ended);
}

/* ---- processes and files ---- */

static int others(struct options *o, char **paths)
{
    struct sf_follow *f = &o->follow;
    int status = open_output(o, STDOUT_FILENO), wrong, failed;

    if (status)
        return status;
    signal(SIGPIPE, SIG_IGN);
    stop_on_signals(f);
    for (size_t i = 0; i < o->pids; i++)
        status |= sf_follow_process(f, o->pid[i]);
    for (; o->read && *paths; paths++)
        status |= sf_follow_file(f, *paths);
    sf_follow_run(f);
    wrong = close_output(o);
    failed = f->error == EPIPE;
    if (failed && !wrong) { /* as a filter ends whose reader has gone */
        signal(SIGPIPE, SIG_DFL);
        raise(SIGPIPE);
    }
    return wrong ? wrong : status;
}

int sf_trace(int argc, char **argv)
{
    static struct options o = { .format = &sf_writer_text };
    int status;

    sf_follow_begin(&o.follow);
    status = parse(argc, argv, &o);
    if (status)
        return status;
    return o.pids || o.read ? others(&o, argv + optind) : beside(&o, argc - optind, argv + optind);
}
