/* Texts and numbers onto a stream that one thread writes: without stdio's locks and formats, which take most of the time when
 * a storm of signals is a million lines. */
#ifndef SF_CLI_PUT_H
#define SF_CLI_PUT_H

#include <stdint.h>
#include <stdio.h>

static inline void sf_put_char(FILE *out, char c)
{
    putc_unlocked(c, out);
}

static inline void sf_put(FILE *out, const char *text)
{
    fputs_unlocked(text, out);
}

/* At least `least` digits, with zeros before. */
void sf_put_digits(FILE *out, uint64_t number, int least);

void sf_put_number(FILE *out, int64_t number);

/* 0x... */
void sf_put_hex(FILE *out, uint64_t number);

/* Local time of day for CLOCK_REALTIME in nanoseconds: 12:34:56.123456. */
void sf_put_time(FILE *out, int64_t real_ns);

#endif
