/* The formats of `sigferry trace`: each turns happenings, which come in order, into something on a stream. */
#ifndef SF_CLI_WRITER_H
#define SF_CLI_WRITER_H

#include <cli/session.h>
#include <stdio.h>

struct sf_writer;

struct sf_writer_format {
    const char *name;
    int directory; /* it writes a directory, not a stream */
    /* 0, or an exit status after a message. May be NULL, as may `end`. */
    int (*begin)(struct sf_writer *w);
    void (*event)(struct sf_writer *w, const struct sf_happening *h);
    void (*end)(struct sf_writer *w);
};

struct sf_writer {
    const struct sf_writer_format *format;
    FILE *out;
    const char *path; /* as the user wrote it; NULL a standard stream */
    int colour;
    void *state; /* the format's */
};

extern const struct sf_writer_format sf_writer_text, sf_writer_json, sf_writer_chrome, sf_writer_ctf, sf_writer_html;

#endif
