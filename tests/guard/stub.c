/* Stands in for libsigferry.so in tests of the guard library alone: the symbols that it needs. */
#include "tests/guard/probe.h"

#include <dlfcn.h>

static struct sf_guard idle;
static const struct sf_guarded *table;
static uint32_t known;
int stub_leaves, stub_watches, stub_nested;
uint32_t stub_watched, stub_returned;
uintptr_t stub_argument, stub_caller;

__thread struct sf_guard *sigferry_guard __attribute__((tls_model("initial-exec"))) = &idle;

/* Counts, and has the work done, as the engine would. */
void sigferry_guard_leave(void)
{
    stub_leaves++;
    sigferry_guard->work &= ~SF_WORK_SAFE;
}

void sigferry_guard_watch(uint32_t n, uintptr_t argument, uintptr_t caller)
{
    if (sigferry_guard->inside) {
        stub_nested++;
        return;
    }
    stub_watches++;
    stub_caller = caller;
    stub_watched = n;
    stub_argument = argument;
}

void sigferry_guard_watched(uint32_t n)
{
    stub_returned = n;
}

/* At once: dlsym is a call that is told of. */
__attribute__((constructor)) static void ask(void)
{
    table = ((__typeof__(&sigferry_guard_names))dlsym(RTLD_DEFAULT, "sigferry_guard_names"))(&known);
}

const char *stub_name(uint32_t n)
{
    return n < known && table[n].name[0] ? table[n].name : "?";
}
