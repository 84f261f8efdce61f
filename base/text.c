/* context: handler */
#include <base/text.h>

#include <errno.h>

void sf_text_start(struct sf_text *t, char *buf, unsigned size)
{
    t->buf = buf;
    t->size = size;
    t->used = 0;
    if (size)
        buf[0] = 0;
}

/* Two bytes must be left: the character and the zero. */
static void add_char(struct sf_text *t, char c)
{
    if (t->used + 1 >= t->size)
        return;
    t->buf[t->used++] = c;
    t->buf[t->used] = 0;
}

void sf_text_add(struct sf_text *t, const char *s)
{
    while (*s)
        add_char(t, *s++);
}

void sf_text_number(struct sf_text *t, int64_t number)
{
    char digits[20];
    unsigned n = 0;
    /* The negation of the smallest number does not fit its own type. */
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

    if (number < 0)
        add_char(t, '-');
    do {
        digits[n++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    while (n)
        add_char(t, digits[--n]);
}

void sf_text_quote(struct sf_text *t, const char *s)
{
    enum { LONGEST = 40 };

    add_char(t, '"');
    for (unsigned i = 0; s[i]; i++) {
        unsigned char c = (unsigned char)s[i];

        if (i == LONGEST) {
            sf_text_add(t, "...");
            break;
        }
        /* Bytes above 127 are printed as they came only in whole; a cut sequence would garble the terminal. */
        add_char(t, c < 32 || c >= 127 ? '?' : (char)c);
    }
    add_char(t, '"');
}

int sf_text_equal(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

/* tolower depends on the locale: a Turkish one knows no SIGINT. */
static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

const char *sf_text_after(const char *s, const char *prefix)
{
    for (; *prefix; s++, prefix++)
        if (lower(*s) != lower(*prefix))
            return 0;
    return s;
}

int sf_text_equal_nocase(const char *a, const char *b)
{
    const char *rest = sf_text_after(a, b);

    return rest && !*rest;
}

const char *sf_text_basename(const char *path)
{
    const char *name = path;

    for (; *path; path++)
        if (*path == '/')
            name = path + 1;
    return name;
}

static int blank(char c)
{
    return c == ' ' || c == '\t';
}

char *sf_text_word(char **s)
{
    char *word = *s, *end;

    while (blank(*word))
        word++;
    for (end = word; *end && !blank(*end); end++)
        ;
    *s = end;
    if (end == word)
        return 0;
    if (*end) {
        *end = 0;
        *s = end + 1;
    }
    return word;
}

/* The digits that `*s` begins with; moves it behind them. */
static int digits(const char **s, uint64_t max, uint64_t *number)
{
    uint64_t n = 0;
    int err = -EINVAL;

    for (; **s >= '0' && **s <= '9'; (*s)++) {
        uint64_t d = (uint64_t)(**s - '0');

        if (err == -EINVAL)
            err = 0;
        /* Go on to the end of the digits: the caller tells "too large" from "not a number" by what follows. */
        if (n > (max - d) / 10 || d > max)
            err = -ERANGE;
        else
            n = n * 10 + d;
    }
    *number = n;
    return err;
}

int sf_parse_number(const char *s, uint64_t max, uint64_t *number)
{
    int err = digits(&s, max, number);

    return *s ? -EINVAL : err;
}

static const struct {
    char name[4];
    int64_t ns;
} units[] = { { "s", 1000000000 }, { "ms", 1000000 }, { "us", 1000 } };

enum { UNITS = sizeof units / sizeof units[0] };

/* Only whole numbers: "1500us" says it as well as "1.5ms", and needs no rounding. */
int sf_parse_duration(const char *s, int64_t *ns)
{
    uint64_t number;
    int err = digits(&s, SF_DURATION_MAX_NS, &number);

    if (err == -EINVAL)
        return err;
    if (!*s) {
        if (err || number)
            return -EDOM;
        *ns = 0;
        return 0;
    }
    for (int i = 0; i < UNITS; i++) {
        if (!sf_text_equal(s, units[i].name))
            continue;
        if (err || number > (uint64_t)(SF_DURATION_MAX_NS / units[i].ns))
            return -ERANGE;
        *ns = (int64_t)number * units[i].ns;
        return 0;
    }
    return -EINVAL;
}

/* The largest unit that leaves no rest. */
const char *sf_format_duration(int64_t ns, char *buf)
{
    struct sf_text t;

    sf_text_start(&t, buf, 24);
    for (int i = 0; i < UNITS; i++) {
        if (!ns || ns % units[i].ns)
            continue;
        sf_text_number(&t, ns / units[i].ns);
        sf_text_add(&t, units[i].name);
        return buf;
    }
    sf_text_number(&t, ns);
    if (ns)
        sf_text_add(&t, "ns");
    return buf;
}
