#include <cli/stream.h>

#include <base/names.h>
#include <base/sigset.h>

static void quote(FILE *out, const char *text)
{
    putc_unlocked('"', out);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 32 || c >= 127 || c == '<') /* pages hold this, too */
            fprintf(out, "\\u%04x", c);
        else
            putc_unlocked(c, out);
    }
    putc_unlocked('"', out);
}

static void key_of(struct sf_stream *s, const char *key)
{
    if (s->more)
        fputs(", ", s->out);
    s->more = 1;
    if (key) {
        quote(s->out, key);
        fputs(": ", s->out);
    }
}

void sf_stream_open(struct sf_stream *s, const char *key)
{
    if (key)
        key_of(s, key);
    putc_unlocked('{', s->out);
    s->more = 0;
}

void sf_stream_close(struct sf_stream *s)
{
    putc_unlocked('}', s->out);
    s->more = 1;
}

void sf_stream_text(struct sf_stream *s, const char *key, const char *text)
{
    key_of(s, key);
    if (text)
        quote(s->out, text);
    else
        fputs("null", s->out);
}

void sf_stream_number(struct sf_stream *s, const char *key, int64_t value)
{
    key_of(s, key);
    fprintf(s->out, "%lld", (long long)value);
}

void sf_stream_unsigned(struct sf_stream *s, const char *key, uint64_t value)
{
    key_of(s, key);
    fprintf(s->out, "%llu", (unsigned long long)value);
}

void sf_stream_bool(struct sf_stream *s, const char *key, int value)
{
    key_of(s, key);
    fputs(value ? "true" : "false", s->out);
}

void sf_stream_hex(struct sf_stream *s, const char *key, uint64_t value)
{
    key_of(s, key);
    fprintf(s->out, "\"0x%llx\"", (unsigned long long)value);
}

void sf_stream_set(struct sf_stream *s, const char *key, uint64_t set)
{
    char name[16];
    int said = 0;

    key_of(s, key);
    putc_unlocked('[', s->out);
    for (int n = 1; n < 65; n++)
        if (SF_HAS(set, n))
            fprintf(s->out, "%s\"%s\"", said++ ? ", " : "", sf_signal_name(n, name));
    putc_unlocked(']', s->out);
}

void sf_stream_micro(struct sf_stream *s, const char *key, int64_t ns)
{
    key_of(s, key);
    fprintf(s->out, "%lld.%03d", (long long)(ns / 1000), (int)(ns % 1000));
}
