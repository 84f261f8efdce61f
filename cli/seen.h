/* Files of a directory that have been looked at. */
#ifndef SF_CLI_SEEN_H
#define SF_CLI_SEEN_H

struct sf_seen_name;

/* By the time in the name. Begins with zeros. */
struct sf_seen {
    struct sf_seen_name *names[256];
};

int sf_seen_has(struct sf_seen *s, const char *name);
/* Names hold a time: they do not come again. Without memory it is as if it had not been looked at. */
void sf_seen_note(struct sf_seen *s, const char *name);
void sf_seen_end(struct sf_seen *s);

#endif
