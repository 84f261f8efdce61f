/* All processes of this host that have the library in them and that we may look into, or some of them. */
#ifndef SF_CLI_HOST_H
#define SF_CLI_HOST_H

#include <cli/ring.h>
#include <cli/symbols.h>

/* One program in one process: a process that becomes another program is two. */
struct sf_guest {
    struct sf_guest *next;
    struct sf_ring ring;        /* out of its memory */
    struct sf_symbols *symbols; /* opened when a name is wanted */
    int tried;                  /* ... and that was so */
    int present;
    void *user;
};

struct sf_host {
    struct sf_guest *first; /* by process number */
    const pid_t *only;      /* NULL: all */
    size_t only_count;
    unsigned refused;       /* processes that have the library but that may not be read */
    /* A guest is about to be forgotten, with its last numbers. May be NULL. */
    void (*leaves)(void *arg, struct sf_guest *g);
    void *arg;
};

/* Find them, and read them whole. Returns how many there are. */
size_t sf_host_look(struct sf_host *h);
void sf_host_end(struct sf_host *h);

/* "on_hup (daemon)"; see sf_symbol. */
const char *sf_guest_symbol(struct sf_guest *g, uint64_t address, char *buf, unsigned size);

/* "1234" or "1234,5678" appended to a list of at most `max`. 0, or an exit status after a message. */
int sf_host_parse(const char *command, const char *given, pid_t *list, size_t *count, size_t max);

#endif
