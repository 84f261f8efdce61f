/* Machine contexts as macros: what getcontext and its relatives save and load. hooks/twice.S instantiates them. */
#ifndef SF_ARCH_CONTEXT_H
#define SF_ARCH_CONTEXT_H

/* A machine context in libc's layout (ucontext_t). */
#define SF_CONTEXT_SAVE \
    mov %rbx, 0x80(%rdi); \
    mov %rbp, 0x78(%rdi); \
    mov %r12, 0x48(%rdi); \
    mov %r13, 0x50(%rdi); \
    mov %r14, 0x58(%rdi); \
    mov %r15, 0x60(%rdi); \
    mov %rdi, 0x68(%rdi); \
    mov %rsi, 0x70(%rdi); \
    mov %rdx, 0x88(%rdi); \
    mov %rcx, 0x98(%rdi); \
    mov %r8, 0x28(%rdi); \
    mov %r9, 0x30(%rdi); \
    mov (%rsp), %rcx; \
    mov %rcx, 0xa8(%rdi); \
    lea 8(%rsp), %rcx; \
    mov %rcx, 0xa0(%rdi); \
    lea 0x1a8(%rdi), %rcx; \
    mov %rcx, 0xe0(%rdi); \
    fnstenv (%rcx); \
    fldenv (%rcx); \
    stmxcsr 0x1c0(%rdi)

/* Load the context in %rdx; does not return. */
#define SF_CONTEXT_LOAD \
    mov 0xe0(%rdx), %rcx; \
    fldenv (%rcx); \
    ldmxcsr 0x1c0(%rdx); \
    mov 0xa0(%rdx), %rsp; \
    mov 0x80(%rdx), %rbx; \
    mov 0x78(%rdx), %rbp; \
    mov 0x48(%rdx), %r12; \
    mov 0x50(%rdx), %r13; \
    mov 0x58(%rdx), %r14; \
    mov 0x60(%rdx), %r15; \
    mov 0xa8(%rdx), %rcx; \
    push %rcx; \
    mov 0x70(%rdx), %rsi; \
    mov 0x68(%rdx), %rdi; \
    mov 0x98(%rdx), %rcx; \
    mov 0x28(%rdx), %r8; \
    mov 0x30(%rdx), %r9; \
    mov 0x88(%rdx), %rdx; \
    xor %eax, %eax; \
    ret

/* int getcontext(ucontext_t *): `mask` fills in the virtual mask. */
#define SF_GETCONTEXT_BODY(mask) \
    SF_CONTEXT_SAVE; \
    push %rdi; .cfi_adjust_cfa_offset 8; \
    call mask; \
    pop %rdi; .cfi_adjust_cfa_offset -8; \
    xor %eax, %eax; \
    ret

/* int setcontext(const ucontext_t *): `set` takes the mask and unwinds; the context is then loaded. */
#define SF_SETCONTEXT_BODY(set) \
    push %rdi; .cfi_adjust_cfa_offset 8; \
    call set; \
    pop %rdx; .cfi_adjust_cfa_offset -8; \
    SF_CONTEXT_LOAD

/* int swapcontext(ucontext_t *old, const ucontext_t *new) */
#define SF_SWAPCONTEXT_BODY(mask, set) \
    SF_CONTEXT_SAVE; \
    push %rsi; .cfi_adjust_cfa_offset 8; \
    call mask; \
    mov (%rsp), %rdi; \
    call set; \
    pop %rdx; .cfi_adjust_cfa_offset -8; \
    SF_CONTEXT_LOAD

/* Where a made context begins: the function is in %rbx, what follows it (uc_link) in %r12. */
#define SF_CONTEXT_START_BODY(follow) \
    .cfi_undefined %rip; \
    call *%rbx; \
    mov %r12, %rdi; \
    and $-16, %rsp; \
    call follow; \
    hlt

#endif
