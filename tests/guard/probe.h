/* What the tests of the guard library see of the stub: the calling thread's mark, and the leaves so far. */
#ifndef SF_TESTS_GUARD_PROBE_H
#define SF_TESTS_GUARD_PROBE_H
#include "engine/guard.h"
extern int stub_leaves;
#endif
