/* context: setup
 *
 * libc's own definitions of everything we hook, resolved in one go from the table.
 */
#include "hooks/hook.h"
#include "libc/libc.h"

struct sf_real sf_real;
int sf_real_ready;

static const struct {
    const char *name;
    size_t at;
} names[] = {
#define HOOK(family, ret, name, params, args) {#name, offsetof(struct sf_real, p_##name)},
#define ASM(family, name) {#name, offsetof(struct sf_real, p_##name)},
#include "hooks/hooks.def"
};

/* May run twice when two threads come first together: both write the same values. */
void sf_real_begin(void)
{
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        void *p = sf_libc_resolve(names[i].name);
        memcpy((char *)&sf_real + names[i].at, &p, sizeof p);
    }
    __atomic_store_n(&sf_real_ready, 1, __ATOMIC_RELEASE);
}
