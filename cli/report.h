/* Ways to say what was found. */
#ifndef SF_CLI_REPORT_H
#define SF_CLI_REPORT_H

#include <cli/findings.h>
#include <cli/retry.h>
#include <stdio.h>

struct sf_report {
    const struct sf_findings *all;
    char *const *argv;       /* of the program; NULL: files were read */
    int native;              /* it was only watched */
    int suppressions;        /* print one after each finding */
    int colour;
    int provoked;            /* signals were sent */
    const struct sf_retry *retry; /* in how many runs; NULL, or without a table: that is not known */
};

/* The command that provokes this very finding again, "" if it was not provoked. */
void sf_report_again(const struct sf_report *r, const struct sf_found *f, char *buf, size_t size);

/* Each writes all that is not suppressed. The caller looks for errors of the stream. */
void sf_report_text(const struct sf_report *r, FILE *out);
void sf_report_json(const struct sf_report *r, FILE *out);
void sf_report_sarif(const struct sf_report *r, FILE *out);

/* ---- suppressions ---- */

struct sf_suppressions;

/* Read a file after what has been read before (*s NULL at first). 0, or an exit status after a message that names the
 * line. */
int sf_suppressions_read(struct sf_suppressions **s, const char *path);
void sf_suppressions_free(struct sf_suppressions *s);

/* Mark what they cover. Returns how many findings. */
size_t sf_suppress(const struct sf_suppressions *s, struct sf_findings *all);

/* One that covers exactly this finding. */
void sf_suppression_print(const struct sf_found *f, FILE *out);

/* "unsafe-call" -> its number, 0: no such kind. */
int sf_kind_number(const char *name);

#endif
