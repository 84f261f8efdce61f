/* context: thread, handler
 *
 * The C half of jumps and contexts.
 */
#include "hooks/hook.h"

#include "engine/jump.h"
#include "libc/libc.h"

int (*sf_jump_real)(sigjmp_buf, int) __attribute__((visibility("hidden")));
void sf_jump_pre(sigjmp_buf env, int savemask);
void sf_context_follow(ucontext_t *link);
void sf_context_start(void);
int sf_context_load(const ucontext_t *uc);

/* Called by the stub in twice.S, which then goes on in libc's own function. */
void sf_jump_pre(sigjmp_buf env, int savemask)
{
    if (!sf_jump_real)
        sf_jump_real = (int (*)(sigjmp_buf, int))REAL(__sigsetjmp);
    sf_jump_save(env, savemask);
}

SF_API void siglongjmp(sigjmp_buf env, int value)
{
    sf_jump_prepare(env, value);
    REAL(siglongjmp)(env, value);
    __builtin_unreachable();
}
SF_API void longjmp(jmp_buf env, int value) __attribute__((alias("siglongjmp")));
SF_API void _longjmp(jmp_buf env, int value) __attribute__((alias("siglongjmp")));

void __longjmp_chk(sigjmp_buf env, int value) __attribute__((noreturn));
SF_API void __longjmp_chk(sigjmp_buf env, int value)
{
    sf_jump_prepare(env, value);
    REAL(__longjmp_chk)(env, value);
    __builtin_unreachable();
}

/* A made context's function has returned. */
void sf_context_follow(ucontext_t *link)
{
    if (link)
        sf_context_load(link);
    exit(0);
}

/* As libc's, but what follows the function goes through our setcontext: libc's own would give the kernel the
 * mask behind our back. */
SF_API void makecontext(ucontext_t *uc, void (*fn)(void), int argc, ...)
{
    static const int place[6] = {REG_RDI, REG_RSI, REG_RDX, REG_RCX, REG_R8, REG_R9};
    uintptr_t sp = (uintptr_t)uc->uc_stack.ss_sp + uc->uc_stack.ss_size;
    int extra = argc > 6 ? argc - 6 : 0;
    va_list ap;

    sp = (sp - (uintptr_t)extra * 8) & ~(uintptr_t)15;
    va_start(ap, argc);
    for (int i = 0; i < argc; i++) {
        greg_t v = va_arg(ap, greg_t);
        if (i < 6)
            uc->uc_mcontext.gregs[place[i]] = v;
        else
            ((greg_t *)sp)[i - 6] = v;
    }
    va_end(ap);
    uc->uc_mcontext.gregs[REG_RSP] = (greg_t)sp;
    uc->uc_mcontext.gregs[REG_RIP] = (greg_t)sf_context_start;
    uc->uc_mcontext.gregs[REG_RBX] = (greg_t)fn;
    uc->uc_mcontext.gregs[REG_R12] = (greg_t)uc->uc_link;
    uc->uc_mcontext.gregs[REG_RBP] = 0;
    sf_context_fresh(uc);
}
