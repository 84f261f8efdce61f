/* JSON that is written as it comes: an object at a time, nothing kept. */
#ifndef SF_CLI_STREAM_H
#define SF_CLI_STREAM_H

#include <stdint.h>
#include <stdio.h>

struct sf_stream {
    FILE *out;
    int more; /* a comma goes first */
};

/* "{" and "}"; with a key, inside of another. */
void sf_stream_open(struct sf_stream *s, const char *key);
void sf_stream_close(struct sf_stream *s);

/* Bytes of any kind: those that are no UTF-8 are read as Latin-1. `text` NULL: null. */
void sf_stream_text(struct sf_stream *s, const char *key, const char *text);
void sf_stream_number(struct sf_stream *s, const char *key, int64_t value);
void sf_stream_unsigned(struct sf_stream *s, const char *key, uint64_t value);
void sf_stream_bool(struct sf_stream *s, const char *key, int value);
/* Numbers that readers in floating point would spoil: "0x7f12". */
void sf_stream_hex(struct sf_stream *s, const char *key, uint64_t value);
/* An array of names of signals. */
void sf_stream_set(struct sf_stream *s, const char *key, uint64_t set);
/* Microseconds with three places. */
void sf_stream_micro(struct sf_stream *s, const char *key, int64_t ns);

#endif
