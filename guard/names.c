/* context: handler (sf_guard_seen), setup
 *
 * What the numbers of hooks/unsafe.def mean, for the engine; and SEEN functions when it wants to know of them.
 */
#include "guard/guard.h"

const struct sf_guarded sf_guard_names[SF_FUNCTION_END] = {
#define ENTRY(family, ret, name, ...) [SF_FUNCTION_##name] = {#name, SF_FAMILY_##family, SF_SHARES_##family, 0},
#define SEEN(family, ret, name, ...) [SF_FUNCTION_##name] = {#name, SF_FAMILY_##family, SF_SHARES_##family, 1},
#include "hooks/unsafe.def"
};

__attribute__((visibility("default"))) const struct sf_guarded *sigferry_guard_names(uint32_t *entries)
{
    *entries = SF_FUNCTION_END;
    return sf_guard_names;
}

/* guard/stubs.S */
_Static_assert(offsetof(struct sf_guard, flags) == 4 && SF_GUARD_WATCH == 2 && offsetof(struct sf_guard, work) == 8 && SF_WORK_SAFE == 2,
               "as in the stubs");
/* Threads may come here together: they find the same and store the same. */
void sf_guard_seen(uint32_t n, uintptr_t argument, void **slot, uintptr_t caller)
{
    const struct sf_guard *g = sigferry_guard;
    if (!__atomic_load_n(slot, __ATOMIC_ACQUIRE))
        __atomic_store_n(slot, sf_libc_resolve(sf_guard_names[n].name), __ATOMIC_RELEASE);
    if (g->flags & SF_GUARD_WATCH)
        sigferry_guard_watch(n, argument, caller);
}
