/* context: handler
 *
 * The inside of libsigferry-guard.so: the table of real functions and the two ends of a guarded call.
 *
 * A wrapper marks the thread as inside, calls the real function, unmarks it and, when a signal has been held
 * meanwhile, gives the engine its turn. Only the outermost guarded function does so: a nested one finds the
 * mark set and jumps straight on to the real function.
 */
#ifndef SF_GUARD_GUARD_H
#define SF_GUARD_GUARD_H

#include "engine/guard.h"

#include <stddef.h>

/* The families and the functions, numbered from 1. */
enum sf_guard_family {
    SF_FAMILY_none,
#define SF_FAMILY(name, shared) SF_FAMILY_##name,
#include "base/families.def"
#undef SF_FAMILY
    SF_FAMILY_END
};

enum sf_guard_shares {
#define SF_FAMILY(name, shared) SF_SHARES_##name = shared,
#include "base/families.def"
#undef SF_FAMILY
};

enum sf_guard_function {
    SF_FUNCTION_none,
#define ENTRY(family, ret, name, ...) SF_FUNCTION_##name,
#include "hooks/unsafe.def"
    SF_FUNCTION_END
};

/* May the function sleep in a call of its own? */
enum sf_guard_sleeps {
#define GUARD(family, ret, name, ...) SF_SLEEPS_##name = 0,
#define INPUT(family, ret, name, ...) SF_SLEEPS_##name = 1,
#define INPUT_VOID INPUT
#include "hooks/unsafe.def"
};

/* `inside` and `flags` are neighbours, and one store writes both. A handler that came between two stores would
 * find "inside fgets" on the way into its own malloc, or the other way round. */
typedef uint64_t sf_guard_mark __attribute__((may_alias, aligned(4)));
_Static_assert(offsetof(struct sf_guard, flags) == offsetof(struct sf_guard, inside) + 4, "inside and flags are one word");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "inside is the low half");
_Static_assert(SF_GUARD_INPUT == 1, "as sf_guard_sleeps has it");

#define SF_MARK(name) (SF_FUNCTION_##name | (uint64_t)SF_SLEEPS_##name << 32)
#define SF_MARK_WATCH ((uint64_t)SF_GUARD_WATCH << 32)

/* The compiler must keep these accesses where they stand; the processor is no concern, as the only other party
 * is a signal handler of the same thread. */
#define SF_BARRIER() __asm__ volatile("" ::: "memory")

static inline __attribute__((always_inline)) uint64_t sf_guard_get(const struct sf_guard *g)
{
    return *(const sf_guard_mark *)&g->inside;
}

static inline __attribute__((always_inline)) void sf_guard_set(struct sf_guard *g, uint64_t mark)
{
    *(volatile sf_guard_mark *)&g->inside = mark;
}

static inline __attribute__((always_inline)) void sf_guard_enter(struct sf_guard *g, uint64_t mark)
{
    sf_guard_set(g, mark);
    SF_BARRIER(); /* nothing of the real function, should it ever be inlined, before the mark */
}

/* Put back what was found on the way in. Returns whether something waits for this moment. */
static inline __attribute__((always_inline)) int sf_guard_exit(struct sf_guard *g, uint64_t was)
{
    SF_BARRIER(); /* all of the real function before the mark goes */
    sf_guard_set(g, was);
    /* `work` is read after the mark has gone. A signal before the store above was held and is seen here; one
     * after it finds the thread outside and is replayed at once. Read before, one in between would wait for the
     * next guarded call, perhaps for ever. */
    SF_BARRIER();
    return __builtin_expect((*(const uint32_t *)&g->work & SF_WORK_SAFE) != 0, 0);
}

/* Tell the engine, unless a variadic form of this call has done so. */
static inline void sf_guard_tell(struct sf_guard *g, uint32_t n, uintptr_t argument, uintptr_t caller)
{
    if (g->flags & SF_GUARD_TOLD)
        g->flags &= ~SF_GUARD_TOLD;
    else
        sigferry_guard_watch(n, argument, caller);
}

/* Exceptions and cancellation pass through a wrapper's frame; this ties the frame to our personality routine
 * (guard/unwind.c). It is an assembler directive for the enclosing function and makes no code. */
#define SF_UNWINDS() __asm__ volatile(".cfi_personality 0x1b, sf_guard_personality") /* 0x1b: pc-relative, 4 bytes */

/* hooks/unsafe.def by number; entry 0 is nobody's. (guard/names.c) */
extern const struct sf_guarded sf_guard_names[SF_FUNCTION_END] __attribute__((visibility("hidden")));

/* A SEEN function, number `n` of the table, is about to be called; of LOADER's, the second one. (guard/names.c, rebind.c) */
void sf_guard_seen(uint32_t n, uintptr_t argument, void **slot, uintptr_t caller) __attribute__((visibility("hidden")));
void sf_guard_load(uint32_t n, uintptr_t first, void **slot, uintptr_t caller, uintptr_t second, uintptr_t third)
    __attribute__((visibility("hidden")));

/* The function of this name that the dynamic linker would choose after this library: libc's, or another
 * preloaded library's. Never NULL: a stand-in that fails with ENOSYS, should there be none. Any context. */
void *sf_libc_resolve(const char *name);

#endif
