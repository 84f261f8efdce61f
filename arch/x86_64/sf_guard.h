/* context: handler
 * A call that the compiler takes for one that changes no register; `name`, a stub made of SF_KEEPING_BODY, sees to it. */
#ifndef SF_ARCH_GUARD_H
#define SF_ARCH_GUARD_H

#define SF_CALL_KEEPING(name) __asm__ volatile("call " name ::: "memory", "cc")

/* Is this relocation the address of a function, and nothing else, in eight bytes? */
#define SF_RELOC_FUNCTION(type) ((type) == R_X86_64_JUMP_SLOT || (type) == R_X86_64_GLOB_DAT || (type) == R_X86_64_64)

#endif
