/* Stands in for libsigferry.so in tests of the guard library alone: the two symbols that it needs. */
#include "engine/guard.h"

struct sf_guard stub_idle;
int stub_leaves;

__thread struct sf_guard *sigferry_guard __attribute__((tls_model("initial-exec"))) = &stub_idle;

/* Counts, and has the work done, as the engine would. */
void sigferry_guard_leave(void)
{
    stub_leaves++;
    sigferry_guard->work &= ~SF_WORK_SAFE;
}
