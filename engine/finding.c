/* context: handler
 *
 * What the guards tell of a thread that runs a handler of the program.
 */
#include "engine/engine.h"

uint32_t sf_watch_all;

/* hooks/unsafe.def as the guard library has it; NULL before it has told, or without it. */
static const struct sf_guarded *table;
static uint32_t entries;

__attribute__((visibility("default"))) void sigferry_guard_table(const struct sf_guarded *meaning, uint32_t count)
{
    entries = count;
    SF_STORE(&table, meaning);
}

const struct sf_guarded *sf_guarded(uint32_t n)
{
    static const struct sf_guarded nobody;
    const struct sf_guarded *t = SF_LOAD(&table);
    return t && n < entries ? &t[n] : &nobody;
}

/* A handler that calls a guarded function does more than wake somebody up. */
__attribute__((visibility("default"))) void sigferry_guard_watch(uint32_t n, uintptr_t argument)
{
    sf_wakeup_other();
}
