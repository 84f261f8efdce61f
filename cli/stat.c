/* sigferry stat: counts, rates and percentiles of running processes, or of what ended ones have left. */
#include <base/names.h>
#include <base/text.h>
#include <cli/cli.h>
#include <cli/tally.h>
#include <cli/stream.h>
#include <cli/words.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PIDS = 256 };

struct options {
    pid_t list[PIDS];
    size_t count;
    int json, read;
    int64_t interval_ns;
    uint64_t times; /* 0: for ever */
};

static int help(void)
{
    puts("Usage: sigferry stat [OPTION]... [PID[,PID]...]\n"
         "       sigferry stat [OPTION]... --read FILE...\n\n"
         "For each signal and handler: how often, how long it waited, how long it ran. Without PID: all processes.\n\n"
         "  -i, --interval TIME  again and again: what was new in each interval, for example 1s\n"
         "  -n, --count N        so many times\n"
         "  -j, --json           one JSON object for each time\n"
         "      --read           the arguments are what processes have left\n"
         "  -h, --help           print this text\n\n"
         "Percentiles are within 3.2 % of the true values. They are counted always, traced or not.\n\n"
         "Exit status: 0; 1 nothing to show; 125 wrong options.");
    return fflush(stdout) ? SF_EXIT_FAILED : 0;
}

/* ---- printing ---- */

static void print_times(const struct sf_hist *h)
{
    static const double share[] = { 0.5, 0.9, 0.99 };
    char text[24];

    for (size_t i = 0; i < 3; i++)
        printf(" %8s", h->count ? sf_word_time(sf_hist_quantile(h, share[i]), text, sizeof text) : "-");
    printf(" %8s", h->count ? sf_word_time(h->max_ns, text, sizeof text) : "-");
}

static void print_table(const struct sf_tally *t, size_t n)
{
    char name[16];

    printf("%7s %-15s %-11s %-24s %9s %9s %35s %35s %7s\n", "PID", "COMMAND", "SIGNAL", "HANDLER", "HANDLED", "PER SEC",
           "WAITED: 50%      90%      99%     MAX", "RAN: 50%      90%      99%     MAX", "ERRNO");
    for (size_t i = 0; i < n; i++, t++) {
        printf("%7d %-15.15s %-11s %-24.24s %9llu %9.1f", (int)t->pid, t->comm, sf_signal_name(t->signo, name), t->handler,
               (unsigned long long)t->count, t->seconds > 0 ? (double)t->count / t->seconds : 0);
        print_times(&t->wait);
        print_times(&t->run);
        printf(" %7llu\n", (unsigned long long)t->errno_changed);
    }
}

static void stream_hist(struct sf_stream *s, const char *key, const struct sf_hist *h)
{
    sf_stream_open(s, key);
    sf_stream_unsigned(s, "count", h->count);
    sf_stream_unsigned(s, "sum_ns", h->sum_ns);
    sf_stream_unsigned(s, "p50_ns", sf_hist_quantile(h, 0.5));
    sf_stream_unsigned(s, "p90_ns", sf_hist_quantile(h, 0.9));
    sf_stream_unsigned(s, "p99_ns", sf_hist_quantile(h, 0.99));
    sf_stream_unsigned(s, "max_ns", h->max_ns);
    sf_stream_close(s);
}

static void print_json(const struct sf_tally *t, size_t n)
{
    struct sf_stream s = { stdout, 0 };
    char name[16];

    printf("{\"handlers\": [");
    for (size_t i = 0; i < n; i++, t++) {
        if (i)
            puts(",");
        sf_stream_open(&s, NULL);
        sf_stream_number(&s, "pid", t->pid);
        sf_stream_text(&s, "comm", t->comm);
        sf_stream_text(&s, "signal", sf_signal_name(t->signo, name));
        sf_stream_text(&s, "handler", t->handler);
        sf_stream_unsigned(&s, "handled", t->count);
        sf_stream_unsigned(&s, "milliseconds", (uint64_t)(t->seconds * 1000));
        sf_stream_unsigned(&s, "errno_changed", t->errno_changed);
        sf_stream_unsigned(&s, "arrived", t->arrived);
        sf_stream_open(&s, "from");
        for (unsigned c = 0; c < SF_FROM_END; c++)
            sf_stream_unsigned(&s, sf_word_sender(c), t->from[c]);
        sf_stream_close(&s);
        stream_hist(&s, "waited", &t->wait);
        stream_hist(&s, "ran", &t->run);
        sf_stream_close(&s);
    }
    puts("]}");
}

static int print(const struct options *o, const struct sf_tally *t, size_t n)
{
    if (o->json)
        print_json(t, n);
    else if (n)
        print_table(t, n);
    return fflush(stdout) || ferror(stdout) ? sf_fail(SF_EXIT_FAILED, "cannot write: %s", strerror(errno)) : 0;
}

/* ---- where from ---- */

static int read_files(const struct options *o, char **paths)
{
    struct sf_tallies all = { NULL, 0, 0 };
    struct sf_ring ring;
    int status = 0;

    for (; *paths && !status; paths++) {
        int err = sf_ring_open_file(*paths, &ring);

        if (!err)
            err = sf_ring_whole(&ring);
        if (!err)
            err = sf_tally_file(&all, &ring);
        if (err)
            status = sf_fail(SF_EXIT_NONE, "%s: %s", *paths, err == -ENOEXEC ? "is no ring of sigferry" : strerror(-err));
        sf_ring_close(&ring);
    }
    if (!status)
        status = print(o, all.tally, all.count);
    if (!status && !all.count)
        status = sf_fail(SF_EXIT_NONE, "stat: no handler has run");
    sf_tallies_free(&all);
    return status;
}

static void nap(int64_t ns)
{
    struct timespec t = { ns / 1000000000, ns % 1000000000 };

    nanosleep(&t, NULL);
}

static int watch(const struct options *o)
{
    struct sf_host h = { .only = o->count ? o->list : NULL, .only_count = o->count };
    struct sf_tallies had = { NULL, 0, 0 }, now = { NULL, 0, 0 };
    size_t processes = 0;
    int status = 0;

    for (uint64_t turn = 0; !status && (!turn || (o->interval_ns && turn <= (o->times ? o->times : UINT64_MAX - 1))); turn++) {
        struct sf_tallies new;

        if (turn)
            nap(o->interval_ns);
        processes = sf_host_look(&h);
        if (!processes)
            break;
        status = sf_tally_host(&now, &h) ? sf_fail(SF_EXIT_FAILED, "out of memory") : 0;
        if (o->interval_ns && !turn) {
            had = now;
            now = (struct sf_tallies){ NULL, 0, 0 };
            continue; /* the first look is what the others are measured by */
        }
        new = sf_tallies_since(&now, o->interval_ns ? &had : NULL);
        if (!status)
            status = print(o, new.tally, new.count);
        sf_tallies_free(&new);
        sf_tallies_free(&had);
        had = now;
        now = (struct sf_tallies){ NULL, 0, 0 };
    }
    if (!processes)
        status = sf_fail(SF_EXIT_NONE, o->count ? "stat: not there, not permitted, or without libsigferry.so"
                                                : "stat: no process has libsigferry.so in it");
    else if (!status && !had.count && !o->interval_ns)
        status = sf_fail(SF_EXIT_NONE, "stat: no handler has run");
    sf_tallies_free(&had);
    sf_tallies_free(&now);
    sf_host_end(&h);
    return status;
}

static int parse(int argc, char **argv, struct options *o)
{
    static const struct option known[] = { { "interval", required_argument, NULL, 'i' }, { "count", required_argument, NULL, 'n' },
                                           { "json", no_argument, NULL, 'j' }, { "read", no_argument, NULL, 'r' },
                                           { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
    int c, status = 0;

    opterr = 0;
    while ((c = getopt_long(argc, argv, "+:i:n:jh", known, NULL)) != -1) {
        if (c == 'i' && (sf_parse_duration(optarg, &o->interval_ns) || !o->interval_ns))
            return sf_fail(SF_EXIT_FAILED, "stat: --interval %s is no time; for example --interval 1s", optarg);
        else if (c == 'n' && (sf_parse_number(optarg, UINT32_MAX, &o->times) || !o->times))
            return sf_fail(SF_EXIT_FAILED, "stat: --count %s is no number", optarg);
        else if (c == 'j')
            o->json = 1;
        else if (c == 'r')
            o->read = 1;
        else if (c == 'h')
            exit(help());
        else if (c == ':' || c == '?')
            return sf_fail_option("stat", c, argv);
    }
    if (o->times && !o->interval_ns)
        o->interval_ns = 1000000000;
    if (o->read)
        return optind < argc ? 0 : sf_fail(SF_EXIT_FAILED, "stat: --read which file?");
    for (; optind < argc && !status; optind++)
        status = sf_host_parse("stat", argv[optind], o->list, &o->count, PIDS);
    return status;
}

int sf_stat(int argc, char **argv)
{
    static struct options o;
    int status = parse(argc, argv, &o);

    if (status)
        return status;
    return o.read ? read_files(&o, argv + optind) : watch(&o);
}
