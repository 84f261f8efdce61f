/* context: handler
 *
 * The wrappers, one for each line of hooks/unsafe.def but those of SEEN (guard/stubs.S).
 *
 * In C they have names of our own and reach libc's only as assembler names, so that the headers' macros,
 * redirections, builtins and attributes stay out of the way; tests/test_guard.py compares the prototypes with
 * the headers instead. Forbidden here: any call of libc but through `real`.
 */
#include "guard/guard.h"
#include "guard/types.h"
#include "sf_guard.h"

/* 1. The real functions, looked up when they are first called: so nothing is that the program does not call, and libraries
 *    whose constructors run before ours are served. (An initialized table would do without the check, but cost each
 *    process its relocations; the check is hidden behind the load.) guard/stubs.S shares those of QUICK. */
#define GUARD(family, ret, name, params, args) static ret (*real_##name) params;
#define QUICK(family, ret, name, params, args) ret (*real_##name) params;
#define QUICK_VOID QUICK
#include "hooks/unsafe.def"

/* Threads may come here together: they find the same and store the same. */
static __attribute__((cold, noinline)) void look_up(void *slot, const char *name)
{
    __atomic_store_n((void **)slot, sf_libc_resolve(name), __ATOMIC_RELEASE);
}

/* 2. The wrappers. `self` is read once: a thread that gets its lane in the middle of a call must leave what it
 *    entered. Bodies are not inlined into each other: a frame with a personality must be the outermost guarded
 *    one (guard/unwind.c). The exported name is an alias, so that the compiler does not know it. */
#define BODY static __attribute__((noinline))
#define EXPORT(ret, name, params, ...)                                                                                 \
    extern ret wrap_##name params __asm__(#name)                                                                       \
        __attribute__((visibility("default"), alias("body_" #name) __VA_ARGS__));

/* The first word of the first argument, whatever that is, for the engine; 0 where there is none. */
#define ARGUMENT(args) FIRST_OF args
#define FIRST_OF(...) FIRST_OF_(__VA_ARGS__ __VA_OPT__(,) 0)
#define FIRST_OF_(first, ...)                                                                                          \
    ({                                                                                                                 \
        __typeof__(first) copy_ = (first);                                                                             \
        uintptr_t word_ = 0;                                                                                           \
        __builtin_memcpy(&word_, &copy_, sizeof copy_ < sizeof word_ ? sizeof copy_ : sizeof word_);                   \
        word_;                                                                                                         \
    })
#define RETURN_ADDRESS ((uintptr_t)__builtin_return_address(0))

/* The engine wants to know of each call. A nested one is passed on by a jump, as below. */
#define WATCHED(ret, name, params, args, pass, keep, leave)                                                            \
    static __attribute__((noinline, cold)) ret watched_##name params                                                   \
    {                                                                                                                  \
        struct sf_guard *self = sigferry_guard;                                                                        \
        uint64_t was;                                                                                                  \
        SF_UNWINDS();                                                                                                  \
        sf_guard_tell(self, SF_FUNCTION_##name, ARGUMENT(args), RETURN_ADDRESS);                                       \
        if (self->inside)                                                                                              \
            pass(real_##name args);                                                                                    \
        was = sf_guard_get(self) & SF_MARK_WATCH; /* the engine may have heard enough */                               \
        sf_guard_enter(self, SF_MARK(name) | was);                                                                     \
        keep real_##name args;                                                                                         \
        if (was)                                                                                                       \
            sigferry_guard_watched(SF_FUNCTION_##name);                                                                \
        if (sf_guard_exit(self, was))                                                                                  \
            sigferry_guard_leave();                                                                                    \
        leave;                                                                                                         \
    }

/* By a jump, too: what the compiler kept over a call, it would keep each time. */
#define FIRST(ret, name, params, args, pass)                                                                           \
    static __attribute__((noinline, cold)) ret first_##name params                                                     \
    {                                                                                                                  \
        look_up(&real_##name, #name);                                                                                  \
        pass(body_##name args);                                                                                        \
    }

#define WRAPPER(storage, ret, name, params, args, pass, keep, leave)                                                   \
    WATCHED(ret, name, params, args, pass, keep, leave)                                                                \
    storage ret body_##name params __asm__("body_" #name);                                                             \
    FIRST(ret, name, params, args, pass)                                                                               \
    storage ret body_##name params                                                                                     \
    {                                                                                                                  \
        struct sf_guard *self = sigferry_guard;                                                                        \
        __typeof__(real_##name) real = real_##name;                                                                    \
        SF_UNWINDS();                                                                                                  \
        if (__builtin_expect(!real, 0))                                                                                \
            pass(first_##name args);                                                                                   \
        if (__builtin_expect(sf_guard_get(self) != 0, 0)) {                                                            \
            if (self->flags & SF_GUARD_WATCH)                                                                          \
                pass(watched_##name args);                                                                             \
            pass(real args);                                                                                           \
        }                                                                                                              \
        sf_guard_enter(self, SF_MARK(name));                                                                           \
        keep real args;                                                                                                \
        if (sf_guard_exit(self, 0))                                                                                    \
            SF_CALL_KEEPING("sf_guard_left");                                                                          \
        leave;                                                                                                         \
    }

#define PASS_VALUE(call) return call
#define PASS_VOID(call)                                                                                                \
    do {                                                                                                               \
        call;                                                                                                          \
        return;                                                                                                        \
    } while (0)
#define GUARD(family, ret, name, params, args)                                                                         \
    WRAPPER(BODY, ret, name, params, args, PASS_VALUE, ret result =, return result)                                    \
    EXPORT(ret, name, params)
#define GUARD_VOID(family, ret, name, params, args)                                                                    \
    WRAPPER(BODY, ret, name, params, args, PASS_VOID, , return)                                                        \
    EXPORT(ret, name, params)
/* guard/stubs.S has what is exported, and jumps here with whatever is not the common case. */
#define QUICK(family, ret, name, params, args)                                                                         \
    WRAPPER(, ret, name, params, args, PASS_VALUE, ret result =, return result)
#define QUICK_VOID(family, ret, name, params, args) WRAPPER(, ret, name, params, args, PASS_VOID, , return)
#define NORETURN(family, ret, name, params, args)                                                                      \
    BODY __attribute__((noreturn)) ret body_##name params __asm__("body_" #name);                                      \
    BODY ret body_##name params                                                                                        \
    {                                                                                                                  \
        struct sf_guard *self = sigferry_guard;                                                                        \
        if (!real_##name)                                                                                              \
            look_up(&real_##name, #name);                                                                              \
        SF_UNWINDS();                                                                                                  \
        if (self->flags & SF_GUARD_WATCH)                                                                              \
            sf_guard_tell(self, SF_FUNCTION_##name, ARGUMENT(args), RETURN_ADDRESS);                                   \
        if (!self->inside)                                                                                             \
            sf_guard_enter(self, SF_MARK(name));                                                                       \
        real_##name args;                                                                                              \
        __builtin_unreachable();                                                                                       \
    }                                                                                                                  \
    EXPORT(ret, name, params, , noreturn)
#include "hooks/unsafe.def"

/* The v-forms exist now. `void` has no variable to keep it in: syslog's two stand apart. A handler's call is told of
 * under the name, and with the caller, that the program knows. */
#define FORWARD_ARGUMENT(first, ...) FIRST_OF_(first, 0)
#define FORWARD_int(vname, args) int result = body_##vname args
#define FORWARD_void(vname, args) body_##vname args
#define RETURN_int return result
#define RETURN_void return
#define FORWARD(family, ret, name, params, last, vname, args)                                                          \
    BODY ret body_##name params __asm__("body_" #name);                                                                \
    BODY ret body_##name params                                                                                        \
    {                                                                                                                  \
        struct sf_guard *self = sigferry_guard;                                                                        \
        va_list ap;                                                                                                    \
        if (__builtin_expect(self->flags & SF_GUARD_WATCH, 0)) {                                                       \
            sigferry_guard_watch(SF_FUNCTION_##name, FORWARD_ARGUMENT args, RETURN_ADDRESS);                           \
            self->flags |= SF_GUARD_TOLD;                                                                              \
        }                                                                                                              \
        va_start(ap, last);                                                                                            \
        FORWARD_##ret(vname, args);                                                                                    \
        va_end(ap);                                                                                                    \
        RETURN_##ret;                                                                                                  \
    }                                                                                                                  \
    EXPORT(ret, name, params)
#include "hooks/unsafe.def"
