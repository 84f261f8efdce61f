/* What the tests of the guard library see of the stub: leaves and watched calls so far (nested ones apart), the last
 * of these, and the name of a number. */
#ifndef SF_TESTS_GUARD_PROBE_H
#define SF_TESTS_GUARD_PROBE_H
#include "engine/guard.h"
extern int stub_leaves, stub_watches, stub_nested;
extern uint32_t stub_watched;
extern uintptr_t stub_argument, stub_caller;
const char *stub_name(uint32_t n);
#endif
