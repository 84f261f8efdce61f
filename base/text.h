/* Text without libc: bounded building of one line, comparison, numbers and durations.
 *
 * context: handler
 *
 * No allocation, no locale, no errno, no state: usable everywhere, in the host program and in the command.
 */
#ifndef SF_BASE_TEXT_H
#define SF_BASE_TEXT_H

#include <stdint.h>

/* A line under construction in somebody's buffer. It is always terminated; what does not fit is dropped. */
struct sf_text {
    char *buf;
    unsigned size;
    unsigned used;
};

void sf_text_start(struct sf_text *t, char *buf, unsigned size);
void sf_text_add(struct sf_text *t, const char *s);
void sf_text_number(struct sf_text *t, int64_t number);
/* `s` in quotes, fit for a one-line message: control characters become '?', long text ends in "...". */
void sf_text_quote(struct sf_text *t, const char *s);

int sf_text_equal(const char *a, const char *b);
int sf_text_equal_nocase(const char *a, const char *b); /* ASCII letters only */
/* The rest of `s` after `prefix` (ASCII letters in any case), or NULL where it does not begin so. */
const char *sf_text_after(const char *s, const char *prefix);
/* What follows the last slash. */
const char *sf_text_basename(const char *path);
/* Cut the next word, ended by blanks, out of *s (which is written to and moved on); NULL where none is left. */
char *sf_text_word(char **s);

/* Decimal digits and nothing else. 0, -EINVAL, or -ERANGE above `max`. */
int sf_parse_number(const char *s, uint64_t max, uint64_t *number);

#define SF_DURATION_MAX_NS (3600 * INT64_C(1000000000))
/* "500us", "20ms", "1s", "0". 0, -EINVAL (no such form), -EDOM (the unit is missing), or -ERANGE (above an hour). */
int sf_parse_duration(const char *s, int64_t *ns);
/* The shortest such form; `buf` takes at least 24 bytes. */
const char *sf_format_duration(int64_t ns, char *buf);

#endif
