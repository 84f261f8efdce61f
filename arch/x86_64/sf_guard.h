/* context: handler
 * A call that the compiler takes for one that changes no register; `name`, a stub made of SF_KEEPING_BODY, sees to it. */
#ifndef SF_ARCH_GUARD_H
#define SF_ARCH_GUARD_H

#define SF_CALL_KEEPING(name) __asm__ volatile("call " name ::: "memory", "cc")

#endif
