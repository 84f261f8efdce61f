/* Names for addresses of a process that may have ended: out of the table of modules that it left, by elfutils. */
#ifndef SF_CLI_PLACES_H
#define SF_CLI_PLACES_H

#include <stdint.h>
#include <trace/format.h>

enum { SF_FRAMES = 32 };

/* One address. Strings belong to the struct; NULL where it is not known. */
struct sf_place {
    uint64_t pc;
    uint64_t offset;  /* from the symbol, or from the object's first byte where there is none */
    char *symbol;
    char *object;     /* path of the module */
    char *file;       /* of the source, where debug information exists */
    int line;
};

struct sf_places;

/* For this process's modules. NULL: out of memory. */
struct sf_places *sf_places_open(const struct sf_status *s);
void sf_places_close(struct sf_places *p);

/* `caller`: the address is one to return to; the call stands before it. */
void sf_place_find(struct sf_places *p, uint64_t pc, int caller, struct sf_place *out);
void sf_place_free(struct sf_place *place);

/* Unwind; innermost first. Returns how many. */
int sf_places_unwind(struct sf_places *p, const struct sf_stack *stack, struct sf_place out[SF_FRAMES]);

/* Is it in one of our own libraries? 2: in the one of guarded functions. */
int sf_place_ours(const struct sf_place *place);

#endif
