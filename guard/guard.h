/* context: handler
 *
 * The inside of libsigferry-guard.so: the table of real functions and the two ends of a guarded call.
 *
 * A wrapper marks the thread as inside, calls the real function, unmarks it and, when a signal has been held
 * meanwhile, gives the engine its turn. Only the outermost guarded function does so: a nested one finds the
 * mark set and jumps straight on to the real function. So the depth that this library writes is 0 or 1, and
 * whatever somebody else sets above that is kept.
 */
#ifndef SF_GUARD_GUARD_H
#define SF_GUARD_GUARD_H

#include "engine/guard.h"

#include <stddef.h>

enum sf_guard_family {
    SF_FAMILY_none,
#define FAMILY(name) SF_FAMILY_##name,
#include "hooks/unsafe.def"
    SF_FAMILY_END
};

/* `depth` and `input` are neighbours, and one store writes both. A handler that came between two stores would
 * find "inside fgets" on the way into its own malloc, or the other way round. */
typedef uint64_t sf_guard_pair __attribute__((may_alias, aligned(4)));
_Static_assert(offsetof(struct sf_guard, input) == offsetof(struct sf_guard, depth) + 4, "depth and input are one word");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "depth is the low half");

#define SF_INSIDE 1u
#define SF_INSIDE_INPUT (1u | (uint64_t)1 << 32)

/* The compiler must keep these stores where they stand; the processor is no concern, as the only other party
 * is a signal handler of the same thread. */
#define SF_BARRIER() __asm__ volatile("" ::: "memory")

static inline __attribute__((always_inline)) void sf_guard_set(struct sf_guard *g, uint64_t pair)
{
    *(volatile sf_guard_pair *)&g->depth = pair;
}

static inline __attribute__((always_inline)) void sf_guard_enter(struct sf_guard *g, uint32_t family, uint64_t pair)
{
    /* The family comes first: whoever finds the mark set finds the right name. */
    g->family = family;
    sf_guard_set(g, pair);
    SF_BARRIER(); /* nothing of the real function, should it ever be inlined, before the mark */
}

/* Returns whether something waits for this moment. */
static inline __attribute__((always_inline)) int sf_guard_exit(struct sf_guard *g)
{
    SF_BARRIER(); /* all of the real function before the mark goes */
    sf_guard_set(g, 0);
    g->family = SF_FAMILY_none;
    /* `work` is read after the mark has gone. A signal before the store above was held and is seen here; one
     * after it finds depth 0 and is replayed at once. Read before, one in between would wait for the next
     * guarded call, perhaps for ever. */
    SF_BARRIER();
    return __builtin_expect((g->work & SF_WORK_SAFE) != 0, 0);
}

/* Exceptions and cancellation pass through a wrapper's frame; this ties the frame to our personality routine
 * (guard/unwind.c). It is an assembler directive for the enclosing function and makes no code. */
#define SF_UNWINDS() __asm__ volatile(".cfi_personality 0x1b, sf_guard_personality") /* 0x1b: pc-relative, 4 bytes */

/* The function of this name that the dynamic linker would choose after this library: libc's, or another
 * preloaded library's. Never NULL: a stand-in that fails with ENOSYS, should there be none. Any context. */
void *sf_libc_resolve(const char *name);

#endif
