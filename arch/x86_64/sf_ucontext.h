/* context: handler
 * What we read and write in a machine context that the kernel built. */
#ifndef SF_ARCH_UCONTEXT_H
#define SF_ARCH_UCONTEXT_H

#include <stdint.h>
#include <ucontext.h>

static inline uintptr_t sf_uc_pc(const ucontext_t *uc)
{
    return (uintptr_t)uc->uc_mcontext.gregs[REG_RIP];
}

static inline void sf_uc_set_pc(ucontext_t *uc, uintptr_t pc)
{
    uc->uc_mcontext.gregs[REG_RIP] = (greg_t)pc;
}

static inline uintptr_t sf_uc_sp(const ucontext_t *uc)
{
    return (uintptr_t)uc->uc_mcontext.gregs[REG_RSP];
}

static inline long sf_uc_result(const ucontext_t *uc)
{
    return (long)uc->uc_mcontext.gregs[REG_RAX];
}

/* The system call's number register, before the instruction is executed (again). */
static inline void sf_uc_set_number(ucontext_t *uc, long nr)
{
    uc->uc_mcontext.gregs[REG_RAX] = nr;
}

/* The struct sf_call of the window that the context is in (kept in a callee-saved register there). */
static inline void *sf_uc_window_call(const ucontext_t *uc)
{
    return (void *)uc->uc_mcontext.gregs[REG_RBX];
}

/* All registers under their DWARF numbers, the program counter last. Returns how many. */
static inline uint32_t sf_uc_registers(const ucontext_t *uc, uint64_t *reg)
{
    static const unsigned char order[] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP, REG_R8,
                                          REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};
    for (unsigned i = 0; i < sizeof order; i++)
        reg[i] = (uint64_t)uc->uc_mcontext.gregs[order[i]];
    return sizeof order;
}

/* The stack pointer among them. */
static inline uintptr_t sf_registers_sp(const uint64_t *reg)
{
    return (uintptr_t)reg[7];
}

/* The arguments of a stub of ours that has not begun. */
static inline int sf_uc_entry_signo(const ucontext_t *uc)
{
    return (int)uc->uc_mcontext.gregs[REG_RDI];
}

static inline ucontext_t *sf_uc_entry_context(const ucontext_t *uc)
{
    return (ucontext_t *)uc->uc_mcontext.gregs[REG_RDX];
}

/* The frame of a stub of ours that is on its way out (kept in a callee-saved register there). */
static inline ucontext_t *sf_uc_leaving(const ucontext_t *uc)
{
    return (ucontext_t *)uc->uc_mcontext.gregs[REG_RBX];
}

/* Is it in libc's two instructions behind that stub, which call sigreturn: the frame is on top of the stack? */
static inline int sf_uc_at_sigreturn(const ucontext_t *uc)
{
    static const unsigned char load[7] = {0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0}; /* mov $15, %rax */
    const unsigned char *pc = (const unsigned char *)sf_uc_pc(uc);
    if (uc->uc_mcontext.gregs[REG_RBX] != uc->uc_mcontext.gregs[REG_RSP])
        return 0;
    return __builtin_memcmp(pc, load, sizeof load) == 0 || (sf_uc_result(uc) == 15 && pc[0] == 0x0f && pc[1] == 0x05);
}

/* Has it just come out of a system call, with EINTR? */
static inline int sf_uc_interrupted(const ucontext_t *uc)
{
    const unsigned char *pc = (const unsigned char *)sf_uc_pc(uc);
    return sf_uc_result(uc) == -4 && pc[-2] == 0x0f && pc[-1] == 0x05;
}

/* Has the context just come out of, or is it about to (re)enter, system call `nr`? Reads two bytes of code. */
static inline int sf_uc_at_syscall(const ucontext_t *uc, long nr)
{
    const unsigned char *pc = (const unsigned char *)sf_uc_pc(uc);
    if (pc[0] == 0x0f && pc[1] == 0x05)
        return sf_uc_result(uc) == nr;
    return sf_uc_interrupted(uc);
}

#endif
