#include <cli/stream.h>

#include <base/names.h>
#include <base/sigset.h>
#include <cli/put.h>

static void quote(FILE *out, const char *text)
{
    sf_put_char(out, '"');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\')
            sf_put_char(out, '\\'), sf_put_char(out, (char)c);
        else if (c < 32 || c >= 127 || c == '<') /* pages hold this, too */
            fprintf(out, "\\u%04x", c);
        else
            sf_put_char(out, (char)c);
    }
    sf_put_char(out, '"');
}

static void key_of(struct sf_stream *s, const char *key)
{
    if (s->more)
        sf_put(s->out, ", ");
    s->more = 1;
    if (key) {
        quote(s->out, key);
        sf_put(s->out, ": ");
    }
}

void sf_stream_open(struct sf_stream *s, const char *key)
{
    if (key)
        key_of(s, key);
    sf_put_char(s->out, '{');
    s->more = 0;
}

void sf_stream_close(struct sf_stream *s)
{
    sf_put_char(s->out, '}');
    s->more = 1;
}

void sf_stream_text(struct sf_stream *s, const char *key, const char *text)
{
    key_of(s, key);
    if (text)
        quote(s->out, text);
    else
        sf_put(s->out, "null");
}

void sf_stream_number(struct sf_stream *s, const char *key, int64_t value)
{
    key_of(s, key);
    sf_put_number(s->out, value);
}

void sf_stream_unsigned(struct sf_stream *s, const char *key, uint64_t value)
{
    key_of(s, key);
    sf_put_digits(s->out, value, 1);
}

void sf_stream_bool(struct sf_stream *s, const char *key, int value)
{
    key_of(s, key);
    sf_put(s->out, value ? "true" : "false");
}

void sf_stream_hex(struct sf_stream *s, const char *key, uint64_t value)
{
    key_of(s, key);
    sf_put_char(s->out, '"');
    sf_put_hex(s->out, value);
    sf_put_char(s->out, '"');
}

void sf_stream_set(struct sf_stream *s, const char *key, uint64_t set)
{
    char name[16];
    int said = 0;

    key_of(s, key);
    sf_put_char(s->out, '[');
    for (int n = 1; n < 65; n++)
        if (SF_HAS(set, n))
            fprintf(s->out, "%s\"%s\"", said++ ? ", " : "", sf_signal_name(n, name));
    sf_put_char(s->out, ']');
}

void sf_stream_micro(struct sf_stream *s, const char *key, int64_t ns)
{
    key_of(s, key);
    fprintf(s->out, "%lld.%03d", (long long)(ns / 1000), (int)(ns % 1000));
}
