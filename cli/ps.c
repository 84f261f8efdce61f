/* sigferry ps: the processes of this host that have the library in them. */
#include <cli/cli.h>
#include <cli/host.h>
#include <cli/proc.h>
#include <cli/stream.h>
#include <cli/words.h>
#include <errno.h>
#include <getopt.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>

enum { PIDS = 256 };

static int help(void)
{
    puts("Usage: sigferry ps [OPTION]... [PID]...\n\n"
         "List the processes of this host that have libsigferry.so in them; as root those of all users.\n\n"
         "  -j, --json  one JSON object\n"
         "  -h, --help  print this text\n\n"
         "Exit status: 0; 1 there are none; 125 wrong options.");
    return fflush(stdout) ? SF_EXIT_FAILED : 0;
}

struct row {
    const struct sf_status *s;
    unsigned uid;
    char user[33];
    uint64_t findings;
};

static void make_row(const struct sf_guest *g, struct row *r)
{
    const struct passwd *pw;
    char path[32];
    struct stat st;

    r->s = g->ring.status;
    snprintf(path, sizeof path, "/proc/%d", (int)g->ring.pid);
    r->uid = stat(path, &st) ? 0 : st.st_uid;
    pw = getpwuid(r->uid);
    snprintf(r->user, sizeof r->user, pw ? "%s" : "%s%u", pw ? pw->pw_name : "", r->uid);
    r->findings = 0;
    for (int i = 0; i < SF_FINDINGS; i++)
        r->findings += r->s->finding[i].head.state == 2;
}

/* The library notes its process's name only with the file. */
static const char *comm_of(const struct sf_guest *g)
{
    static char comm[32];
    char path[64];
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/comm", (int)g->ring.pid);
    f = fopen(path, "re");
    if (!f || !fgets(comm, sizeof comm, f))
        strcpy(comm, "?");
    if (f)
        fclose(f);
    comm[strcspn(comm, "\n")] = 0;
    for (char *c = comm; *c; c++)
        if ((unsigned char)*c < 32 || *c == 127)
            *c = '?';
    return comm;
}

static void print_table(const struct sf_host *h)
{
    printf("%7s %-12s %-15s %-7s %-5s %10s %10s %8s %8s %8s\n", "PID", "USER", "COMMAND", "MODE", "TRACE", "ARRIVED", "HANDLED",
           "FORCED", "RECORDS", "FINDINGS");
    for (const struct sf_guest *g = h->first; g; g = g->next) {
        struct row r;

        make_row(g, &r);
        printf("%7d %-12s %-15s %-7s %-5s %10llu %10llu %8llu %8llu %8llu\n", (int)g->ring.pid, r.user, comm_of(g),
               sf_word_mode(r.s->mode), r.s->control.trace ? "on" : "off", (unsigned long long)r.s->counter[SF_COUNT_ARRIVED],
               (unsigned long long)r.s->counter[SF_COUNT_REPLAYED], (unsigned long long)r.s->counter[SF_COUNT_FORCED],
               (unsigned long long)r.s->next, (unsigned long long)r.findings);
    }
}

static void print_json(const struct sf_host *h)
{
    struct sf_stream s = { stdout, 0 };

    printf("{\"processes\": [");
    for (const struct sf_guest *g = h->first; g; g = g->next) {
        struct row r;

        make_row(g, &r);
        if (g != h->first)
            puts(",");
        s.more = 0;
        sf_stream_open(&s, NULL);
        sf_stream_number(&s, "pid", g->ring.pid);
        sf_stream_unsigned(&s, "uid", r.uid);
        sf_stream_text(&s, "user", r.user);
        sf_stream_text(&s, "comm", comm_of(g));
        sf_stream_text(&s, "mode", sf_word_mode(r.s->mode));
        sf_stream_unsigned(&s, "failure", r.s->failure);
        sf_stream_bool(&s, "trace", r.s->control.trace != 0);
        sf_stream_text(&s, "ring", r.s->in_file ? r.s->file : NULL);
        sf_stream_unsigned(&s, "records", r.s->next);
        sf_stream_unsigned(&s, "dropped", r.s->counter[SF_COUNT_DROPPED]);
        sf_stream_unsigned(&s, "arrived", r.s->counter[SF_COUNT_ARRIVED]);
        sf_stream_unsigned(&s, "handled", r.s->counter[SF_COUNT_REPLAYED]);
        sf_stream_unsigned(&s, "forced", r.s->counter[SF_COUNT_FORCED]);
        sf_stream_unsigned(&s, "findings", r.findings);
        sf_stream_close(&s);
    }
    printf("]}\n");
}

int sf_ps(int argc, char **argv)
{
    static const struct option known[] = { { "json", no_argument, NULL, 'j' }, { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
    static pid_t only[PIDS];
    struct sf_host h = { .only = NULL };
    int c, json = 0, status = 0;
    size_t count;

    opterr = 0;
    while ((c = getopt_long(argc, argv, ":jh", known, NULL)) != -1) {
        if (c == 'j')
            json = 1;
        else if (c == 'h')
            return help();
        else
            return sf_fail_option("ps", c, argv);
    }
    for (; optind < argc && !status; optind++) {
        status = sf_host_parse("ps", argv[optind], only, &h.only_count, PIDS);
        h.only = only;
    }
    if (status)
        return status;
    count = sf_host_look(&h);
    if (json)
        print_json(&h);
    else if (count)
        print_table(&h);
    if (h.refused)
        status = sf_fail(SF_EXIT_NONE, "%u more may not be looked into, or are of another version of sigferry; try sudo sigferry ps", h.refused);
    else if (!count)
        status = sf_fail(SF_EXIT_NONE, h.only ? "ps: not there, or without libsigferry.so" : "ps: no process has libsigferry.so in it");
    sf_host_end(&h);
    return fflush(stdout) || ferror(stdout) ? sf_fail(SF_EXIT_FAILED, "cannot write: %s", strerror(errno)) : count ? 0 : status;
}
