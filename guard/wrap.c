/* context: handler
 *
 * The wrappers, one for each line of hooks/unsafe.def.
 *
 * In C they have names of our own and reach libc's only as assembler names, so that the headers' macros,
 * redirections, builtins and attributes stay out of the way; tests/test_guard.py compares the prototypes with
 * the headers instead. Forbidden here: any call of libc but through `real`.
 */
#include "guard/guard.h"

#include <iconv.h>
#include <langinfo.h>
#include <locale.h>
#include <malloc.h>
#include <nl_types.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <threads.h>
#include <time.h>
#include <wchar.h>

struct obstack;

/* 1. The table. Each entry begins at a function that finds the real one, puts it there and calls it. So
 *    nothing is looked up that the program does not call, libraries whose constructors run before ours are
 *    served, and a call that has found its function costs no check. */
#define NEWER GUARD
#define NEWER_INPUT GUARD
#define INPUT GUARD
#define INPUT_VOID GUARD
#define GUARD_VOID GUARD
#define NORETURN GUARD
#define GUARD(family, ret, name, params, args) static ret first_##name params;
#include "hooks/unsafe.def"

#define NEWER GUARD
#define NEWER_INPUT GUARD
#define INPUT GUARD
#define INPUT_VOID GUARD
#define GUARD_VOID GUARD
#define NORETURN GUARD
#define GUARD(family, ret, name, params, args) ret (*real_##name) params;
static struct {
#include "hooks/unsafe.def"
} table = {
#define NEWER GUARD
#define NEWER_INPUT GUARD
#define INPUT GUARD
#define INPUT_VOID GUARD
#define GUARD_VOID GUARD
#define NORETURN GUARD
#define GUARD(family, ret, name, params, args) .real_##name = first_##name,
#include "hooks/unsafe.def"
};

/* Threads may come here together: they find the same and store the same. */
#define FIND(name)                                                                                                     \
    __typeof__(table.real_##name) found = (__typeof__(found))sf_libc_resolve(#name);                                  \
    __atomic_store_n(&table.real_##name, found, __ATOMIC_RELEASE)

#define NEWER GUARD
#define NEWER_INPUT GUARD
#define INPUT GUARD
#define INPUT_VOID GUARD_VOID
#define NORETURN GUARD_VOID
#define GUARD(family, ret, name, params, args)                                                                         \
    static __attribute__((cold)) ret first_##name params                                                               \
    {                                                                                                                  \
        FIND(name);                                                                                                    \
        return found args;                                                                                             \
    }
#define GUARD_VOID(family, ret, name, params, args)                                                                    \
    static __attribute__((cold)) ret first_##name params                                                               \
    {                                                                                                                  \
        FIND(name);                                                                                                    \
        found args;                                                                                                    \
    }
#include "hooks/unsafe.def"

/* 2. The wrappers. `g` is read once: a thread that gets its lane in the middle of a call must leave what it
 *    entered. The exported name is an alias, so that a variadic wrapper reaches its v-form in here and not
 *    one that the program may define. Bodies are not inlined into each other: a frame with a personality
 *    must be the outermost guarded one (guard/unwind.c). */
#define BODY static __attribute__((noinline))
#define EXPORT(ret, name, params, ...)                                                                                 \
    extern ret wrap_##name params __asm__(#name)                                                                       \
        __attribute__((visibility("default"), alias("body_" #name) __VA_ARGS__));

#define VALUE(family, ret, name, params, args, pair)                                                                   \
    BODY ret body_##name params __asm__("body_" #name);                                                                \
    BODY ret body_##name params                                                                                        \
    {                                                                                                                  \
        struct sf_guard *g = sigferry_guard;                                                                           \
        SF_UNWINDS();                                                                                                  \
        if (g->depth)                                                                                                  \
            return table.real_##name args;                                                                             \
        sf_guard_enter(g, SF_FAMILY_##family, pair);                                                                   \
        ret r = table.real_##name args;                                                                                \
        if (sf_guard_exit(g))                                                                                          \
            sigferry_guard_leave();                                                                                    \
        return r;                                                                                                      \
    }                                                                                                                  \
    EXPORT(ret, name, params)

#define NOTHING(family, ret, name, params, args, pair)                                                                 \
    BODY ret body_##name params __asm__("body_" #name);                                                                \
    BODY ret body_##name params                                                                                        \
    {                                                                                                                  \
        struct sf_guard *g = sigferry_guard;                                                                           \
        SF_UNWINDS();                                                                                                  \
        if (g->depth) {                                                                                                \
            table.real_##name args;                                                                                    \
            return;                                                                                                    \
        }                                                                                                              \
        sf_guard_enter(g, SF_FAMILY_##family, pair);                                                                   \
        table.real_##name args;                                                                                        \
        if (sf_guard_exit(g))                                                                                          \
            sigferry_guard_leave();                                                                                    \
    }                                                                                                                  \
    EXPORT(ret, name, params)

#define GUARD(family, ret, name, params, args) VALUE(family, ret, name, params, args, SF_INSIDE)
#define GUARD_VOID(family, ret, name, params, args) NOTHING(family, ret, name, params, args, SF_INSIDE)
#define INPUT(family, ret, name, params, args) VALUE(family, ret, name, params, args, SF_INSIDE_INPUT)
#define INPUT_VOID(family, ret, name, params, args) NOTHING(family, ret, name, params, args, SF_INSIDE_INPUT)
#define NEWER GUARD
#define NEWER_INPUT INPUT
#define NORETURN(family, ret, name, params, args)                                                                      \
    BODY __attribute__((noreturn)) ret body_##name params __asm__("body_" #name);                                      \
    BODY ret body_##name params                                                                                        \
    {                                                                                                                  \
        struct sf_guard *g = sigferry_guard;                                                                           \
        SF_UNWINDS();                                                                                                  \
        if (!g->depth)                                                                                                 \
            sf_guard_enter(g, SF_FAMILY_##family, SF_INSIDE);                                                          \
        table.real_##name args;                                                                                        \
        __builtin_unreachable();                                                                                       \
    }                                                                                                                  \
    EXPORT(ret, name, params, , noreturn)
#include "hooks/unsafe.def"

/* The v-forms exist now. `void` has no variable to keep it in: syslog's two stand apart. */
#define FORWARD_int(vname, args) int r = body_##vname args
#define FORWARD_void(vname, args) body_##vname args
#define RETURN_int return r
#define RETURN_void return
#define FORWARD(family, ret, name, params, last, vname, args)                                                          \
    BODY ret body_##name params __asm__("body_" #name);                                                                \
    BODY ret body_##name params                                                                                        \
    {                                                                                                                  \
        va_list ap;                                                                                                    \
        va_start(ap, last);                                                                                            \
        FORWARD_##ret(vname, args);                                                                                    \
        va_end(ap);                                                                                                    \
        RETURN_##ret;                                                                                                  \
    }                                                                                                                  \
    EXPORT(ret, name, params)
#include "hooks/unsafe.def"
