/* context: setup
 *
 * The configuration file. inih splits the lines into keys and values; it is fed by a reader of our own, from a
 * small buffer on the stack, because there must be neither heap nor stdio in the host program.
 *
 * inih silently cuts long lines in two and long section names short, and stays in the old section when a
 * heading is broken. So the reader measures the lines and reads the headings itself, and inih sees only what
 * is sound.
 */
#include <config/layer.h>

#include <base/syscall.h>
#include <base/text.h>
#include <errno.h>
#include <fcntl.h>
#include <ini.h>

/* inih's own buffer holds INI_MAX_LINE bytes, the end of the line and the final zero among them. */
enum { LONGEST_LINE = INI_MAX_LINE - 2, LARGEST_FILE = 256 * 1024 };

struct reader {
    struct sf_config *c;
    const char *path;
    const char *program;
    struct sf_layer *general, *special;
    struct sf_layer *section; /* where keys go now; NULL: no section yet, or a broken one */
    int signo;                /* of the section; 0: all */
    int broken;               /* the heading was reported, its keys are skipped */
    struct sf_layer other;    /* sections of other programs: checked, then forgotten */
    int fd, line, done;
    long total;
    unsigned at, have;
    char buf[512];
};

static void report(struct reader *r, const char *text)
{
    sf_config_report(r->c, r->path, r->line, text);
}

/* The next byte, or -1 at the end. A read that fails half way is an error of the line that it broke. */
static int next_byte(struct reader *r)
{
    if (r->at == r->have) {
        long n = r->done ? 0 : sys_read(r->fd, r->buf, sizeof r->buf);

        if (n == -EINTR)
            return next_byte(r);
        r->at = r->have = 0;
        r->total += n > 0 ? n : 0;
        if (n < 0 || r->total > LARGEST_FILE) {
            r->line++;
            report(r, n == -EISDIR ? "is a directory" : n < 0 ? "cannot be read" : "is larger than 256 KiB");
            r->line--;
            n = 0;
        }
        if (n == 0) {
            r->done = 1;
            return -1;
        }
        r->have = (unsigned)n;
    }
    return (unsigned char)r->buf[r->at++];
}

/* [signal NAME] and the tail of [program NAME signal NAME]. */
static int heading_signal(struct reader *r, char *rest, struct sf_text *why)
{
    char *name = sf_text_word(&rest);

    if (!name || sf_text_word(&rest)) {
        sf_text_add(why, "a section for a signal is [signal SIGHUP] or [program NAME signal SIGHUP]");
        return -EINVAL;
    }
    return sf_layer_signal(name, &r->signo, why);
}

static int heading_program(struct reader *r, char *rest, struct sf_text *why)
{
    char *name = sf_text_word(&rest), *what = sf_text_word(&rest);

    if (!name || (what && !sf_text_equal(what, "signal"))) {
        sf_text_add(why, "a section for a program is [program NAME] or [program NAME signal SIGHUP]; NAME has no blanks");
        return -EINVAL;
    }
    if (sf_text_basename(name) != name) {
        sf_text_add(why, "a program is named without its directory; use ");
        sf_text_quote(why, sf_text_basename(name));
        return -EINVAL;
    }
    r->section = sf_text_equal(name, r->program) ? r->special : &r->other;
    return what ? heading_signal(r, rest, why) : 0;
}

/* What stands between the brackets. */
static int heading(struct reader *r, char *text, struct sf_text *why)
{
    char *rest = text, *kind = sf_text_word(&rest);

    r->signo = 0;
    r->section = r->general;
    if (kind && sf_text_equal(kind, "default") && !sf_text_word(&rest))
        return 0;
    if (kind && sf_text_equal(kind, "signal"))
        return heading_signal(r, rest, why);
    if (kind && sf_text_equal(kind, "program"))
        return heading_program(r, rest, why);
    sf_text_add(why, "unknown section ");
    sf_text_quote(why, kind ? kind : "");
    sf_text_add(why, "; use [default], [signal NAME], [program NAME] or [program NAME signal NAME]");
    return -EINVAL;
}

/* A line that begins with '['. It is emptied afterwards: inih need not know. */
static void read_heading(struct reader *r, char *line)
{
    char text[sizeof r->c->first_error.text];
    struct sf_text why;
    char *end = line + 1;
    int err;

    sf_text_start(&why, text, sizeof text);
    while (*end && *end != ']' && *end != ';' && *end != '\n')
        end++;
    if (*end == ']') {
        char *after = end + 1;

        *end = 0;
        while (*after == ' ' || *after == '\t')
            after++;
        err = heading(r, line + 1, &why);
        if (!err && *after != '\n' && *after != ';' && *after != '#') {
            sf_text_add(&why, "text behind the closing bracket; write it on a line of its own");
            err = -EINVAL;
        }
    } else {
        sf_text_add(&why, "section without a closing bracket");
        err = -EINVAL;
    }
    r->broken = err != 0;
    if (err) {
        r->section = 0;
        report(r, text);
    }
    line[0] = '\n';
    line[1] = 0;
}

/* The byte order mark that some editors put first would hide a heading. */
static void drop_mark(char *line)
{
    for (char *to = line; (*to = to[3]); to++)
        ;
}

/* Called by inih for each line, as fgets would be. */
static char *read_line(char *out, int size, void *stream)
{
    struct reader *r = stream;
    int n = 0, c = next_byte(r), zero = 0;

    if (c < 0 || size < 3)
        return 0;
    r->line++;
    /* Blanks at the beginning mean "continued" to inih; here they are indentation. */
    while (c == ' ' || c == '\t')
        c = next_byte(r);
    for (; c >= 0 && c != '\n'; c = next_byte(r)) {
        zero |= c == 0;
        if (n < size - 2 && n < LONGEST_LINE)
            out[n] = (char)c;
        n++;
    }
    if (n && n <= size - 2 && n <= LONGEST_LINE && out[n - 1] == '\r')
        n--;
    if (zero || n > size - 2 || n > LONGEST_LINE) {
        if (zero || (out[0] != '#' && out[0] != ';'))
            report(r, zero ? "holds a zero byte; is this a text file?" : "line longer than 198 characters");
        n = 0;
    }
    out[n] = '\n';
    out[n + 1] = 0;
    if (r->line == 1 && out[0] == '\xef' && out[1] == '\xbb' && out[2] == '\xbf')
        drop_mark(out);
    if (out[0] == '[')
        read_heading(r, out);
    return out;
}

/* Called by inih for each key and value; the line is the one read last. */
static int take_pair(void *user, const char *section, const char *key, const char *value)
{
    struct reader *r = user;
    char text[sizeof r->c->first_error.text];
    struct sf_text why;
    int err = 0;

    sf_text_start(&why, text, sizeof text);
    if (r->broken)
        return 1;
    if (!r->section) {
        sf_text_add(&why, "key before the first section; begin with [default]");
        err = -EINVAL;
    } else if (sf_text_equal(key, "fault")) {
        sf_text_add(&why, "fault is possible in the variable SIGFERRY only");
        err = -EINVAL;
    } else {
        err = sf_layer_set(r->section, r->signo, key, value, &why);
    }
    if (err)
        report(r, text);
    return 1;
}

int sf_config_read(struct sf_config *c, const char *path, const char *program, struct sf_layer *general,
                   struct sf_layer *special)
{
    struct reader r = { .c = c, .path = path, .program = program, .general = general, .special = special };
    int syntax;

    /* O_NONBLOCK: a fifo in its place must not stop the program. */
    r.fd = (int)sys_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
    if (r.fd < 0)
        return r.fd;
    sf_layer_clear(&r.other);
    syntax = ini_parse_stream(read_line, &r, take_pair, &r);
    if (syntax > 0) {
        /* inih tells its first error only at the end; put it in its place among ours. */
        unsigned others = c->first_error.line > syntax ? c->error_count : 0;

        c->error_count -= others;
        sf_config_report(c, path, syntax, "neither [section] nor key = value");
        c->error_count += others;
    }
    sys_close(r.fd);
    return 0;
}
