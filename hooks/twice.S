/* context: thread
 *
 * Functions that return twice, or into another context. Each saves what its caller may use, asks the C part, and
 * goes on; the machine part is in arch/.
 */
#include "sf_context.h"
#include "sf_stub.h"

/* setjmp keeps the mask, as libc's does; _setjmp keeps none and needs no hook. */
SF_FUNC_EXPORT(setjmp)
    mov $1, %esi
    jmp 1f
SF_END(setjmp)
SF_FUNC_EXPORT(__sigsetjmp)
1:
    SF_SETJMP_BODY(sf_jump_pre, sf_jump_real)
SF_END(__sigsetjmp)

SF_FUNC_EXPORT(vfork)
    SF_VFORK_BODY(sf_vfork_before, sf_vfork_after)
SF_END(vfork)
    .globl __vfork
    .set __vfork, vfork
    .type __vfork, @function

/* In C (number.c), but for children who would return into our frames on another stack, or on this one. */
SF_FUNC_EXPORT(syscall)
    SF_SYSCALL_BODY(sf_number, vfork, sf_number_beside, sf_number_beside_over)
SF_END(syscall)

SF_FUNC_EXPORT(getcontext)
SF_LABEL(sf_context_get)
    SF_GETCONTEXT_BODY(sf_context_mask)
SF_END(getcontext)

SF_FUNC_EXPORT(setcontext)
SF_LABEL(sf_context_load)
    SF_SETCONTEXT_BODY(sf_context_set)
SF_END(setcontext)

SF_FUNC_EXPORT(swapcontext)
    SF_SWAPCONTEXT_BODY(sf_context_mask, sf_context_set)
SF_END(swapcontext)

SF_FUNC_HIDDEN(sf_context_start)
    SF_CONTEXT_START_BODY(sf_context_follow)
SF_END(sf_context_start)

SF_NOTES
