/* sigferry top: what handlers do at the moment in all processes, on the whole terminal. */
#include <base/names.h>
#include <base/text.h>
#include <cli/cli.h>
#include <cli/session.h>
#include <cli/tally.h>
#include <cli/words.h>
#include <errno.h>
#include <getopt.h>
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIDS = 256 };

struct top {
    pid_t list[PIDS];
    struct sf_host host;
    struct sf_tallies had, now, shown; /* shown: since the last turn */
    size_t processes;
    int64_t interval_ns;
    unsigned sort;
    char filter[64];
    int typing; /* the filter */
};

static const char *const sorts[] = { "rate", "wait", "run", "process" };
enum { RATE, WAIT, RUN, PROCESS, SORTS };

static int help(void)
{
    puts("Usage: sigferry top [OPTION]... [PID[,PID]...]\n\n"
         "Show what handlers do at the moment, in all processes that have libsigferry.so in them or in these.\n\n"
         "  -i, --interval TIME  how often to look (1s)\n"
         "  -h, --help           print this text\n\n"
         "Keys: s sort by the next column; / filter by command, signal or handler (Enter ends, Escape clears);\n"
         "space look now; q quit.\n\n"
         "Exit status: 0; 125 wrong options, or no terminal.");
    return fflush(stdout) ? SF_EXIT_FAILED : 0;
}

static unsigned sorted_by; /* for qsort, which passes nothing on */

static int compare(const void *one, const void *other)
{
    const struct sf_tally *a = one, *b = other;
    uint64_t x = a->count, y = b->count;

    if (sorted_by == WAIT || sorted_by == RUN) {
        x = sf_hist_quantile(sorted_by == WAIT ? &a->wait : &a->run, 0.99);
        y = sf_hist_quantile(sorted_by == WAIT ? &b->wait : &b->run, 0.99);
    } else if (sorted_by == PROCESS) {
        x = (uint64_t)b->pid;
        y = (uint64_t)a->pid;
    }
    return x == y ? 0 : x < y ? 1 : -1;
}

static void look(struct top *t)
{
    sf_tallies_free(&t->had);
    t->had = t->now;
    t->now = (struct sf_tallies){ NULL, 0, 0 };
    t->processes = sf_host_look(&t->host);
    sf_tally_host(&t->now, &t->host);
    sf_tallies_free(&t->shown);
    t->shown = sf_tallies_since(&t->now, &t->had);
}

static int passes(const struct top *t, const struct sf_tally *r)
{
    char name[16];

    return !t->filter[0] || strcasestr(r->comm, t->filter) || strcasestr(r->handler, t->filter) ||
           strcasestr(sf_signal_name(r->signo, name), t->filter);
}

static void draw_row(int y, const struct sf_tally *r)
{
    char name[16], wait[24], run[24], max[24];

    mvprintw(y, 0, "%7d %-15.15s %-11s %10.1f %9s %9s %9s  %.*s", (int)r->pid, r->comm, sf_signal_name(r->signo, name),
             r->seconds > 0 ? (double)r->count / r->seconds : 0, sf_word_time(sf_hist_quantile(&r->wait, 0.99), wait, sizeof wait),
             sf_word_time(sf_hist_quantile(&r->run, 0.99), run, sizeof run), sf_word_time(r->run.max_ns, max, sizeof max),
             COLS > 77 ? COLS - 77 : 0, r->handler);
}

static void draw(struct top *t)
{
    uint64_t handled = 0;
    int y = 3;

    for (size_t i = 0; i < t->shown.count; i++)
        handled += t->shown.tally[i].count;
    sorted_by = t->sort;
    if (t->shown.count)
        qsort(t->shown.tally, t->shown.count, sizeof *t->shown.tally, compare);
    erase();
    mvprintw(0, 0, "sigferry top: %zu processes, %llu handlers in the last turn; sorted by %s", t->processes,
             (unsigned long long)handled, sorts[t->sort]);
    if (t->typing || t->filter[0])
        mvprintw(1, 0, "filter: %s%s", t->filter, t->typing ? "_" : "");
    attron(A_REVERSE);
    mvprintw(2, 0, "%-*.*s", COLS, COLS, "    PID COMMAND         SIGNAL          PER SEC  WAIT 99%   RUN 99%   LONGEST  HANDLER");
    attroff(A_REVERSE);
    for (size_t i = 0; i < t->shown.count && y < LINES; i++)
        if (passes(t, &t->shown.tally[i]))
            draw_row(y++, &t->shown.tally[i]);
    refresh();
}

/* 1: end. */
static int press(struct top *t, int key)
{
    size_t n = strlen(t->filter);

    if (t->typing) {
        if (key == '\n' || key == KEY_ENTER || key == 27)
            t->typing = 0;
        if (key == 27)
            t->filter[0] = 0;
        else if ((key == KEY_BACKSPACE || key == 127 || key == 8) && n)
            t->filter[n - 1] = 0;
        else if (key >= 32 && key < 127 && n + 1 < sizeof t->filter) {
            t->filter[n] = (char)key;
            t->filter[n + 1] = 0;
        }
    } else if (key == 's') {
        t->sort = (t->sort + 1) % SORTS;
    } else if (key == '/') {
        t->typing = 1;
    } else if (key == ' ') {
        look(t);
    }
    return !t->typing && (key == 'q' || key == 'Q');
}

static void watch(struct top *t)
{
    uint64_t next = 0;

    for (;;) {
        uint64_t now = sf_monotonic();
        int key;

        if (now >= next) {
            look(t);
            next = now + (uint64_t)t->interval_ns;
        }
        draw(t);
        now = sf_monotonic();
        timeout(now < next ? (int)((next - now) / 1000000) + 1 : 0);
        key = getch();
        if (key != ERR && press(t, key))
            return;
        if (key == ERR && !isatty(STDIN_FILENO))
            return; /* the terminal has gone */
    }
}

static int parse(int argc, char **argv, struct top *t)
{
    static const struct option known[] = { { "interval", required_argument, NULL, 'i' }, { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 } };
    int c, status = 0;

    opterr = 0;
    while ((c = getopt_long(argc, argv, ":i:h", known, NULL)) != -1) {
        if (c == 'h')
            exit(help());
        if (c != 'i')
            return sf_fail_option("top", c, argv);
        if (sf_parse_duration(optarg, &t->interval_ns) || t->interval_ns < 10000000)
            return sf_fail(SF_EXIT_FAILED, "top: --interval %s is no time from 10ms on; for example --interval 1s", optarg);
    }
    for (; optind < argc && !status; optind++) {
        status = sf_host_parse("top", argv[optind], t->list, &t->host.only_count, PIDS);
        t->host.only = t->list;
    }
    return status;
}

int sf_top(int argc, char **argv)
{
    static struct top t = { .interval_ns = 1000000000 };
    int status = parse(argc, argv, &t);
    SCREEN *screen;

    if (status)
        return status;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return sf_fail(SF_EXIT_FAILED, "top: needs a terminal; sigferry stat --interval 1s does without");
    screen = newterm(NULL, stdout, stdin);
    if (!screen)
        return sf_fail(SF_EXIT_FAILED, "top: the terminal %s is not known; set TERM", getenv("TERM") ? getenv("TERM") : "(TERM is not set)");
    set_escdelay(25);
    cbreak();
    noecho();
    keypad(stdscr, TRUE);
    curs_set(0);
    watch(&t);
    endwin();
    delscreen(screen);
    sf_tallies_free(&t.had);
    sf_tallies_free(&t.now);
    sf_tallies_free(&t.shown);
    sf_host_end(&t.host);
    return 0;
}
