/* What every assembly file needs: function brackets with CFI, landing pads, and the closing notes. */
#ifndef SF_ARCH_ASM_H
#define SF_ARCH_ASM_H

#define SF_FUNC_HIDDEN(name) \
    .text; .p2align 4; .globl name; .hidden name; .type name, @function; name: .cfi_startproc; endbr64
#define SF_FUNC_EXPORT(name) \
    .text; .p2align 4; .globl name; .type name, @function; name: .cfi_startproc; endbr64
#define SF_END(name) .cfi_endproc; .size name, . - name
#define SF_LABEL(name) .globl name; .hidden name; name:

/* The stack need not be executable; and the object may be part of an IBT-enabled library. */
#define SF_NOTES \
    .section .note.GNU-stack, "", @progbits; \
    .section .note.gnu.property, "a"; \
    .p2align 3; \
    .long 4, 16, 5; \
    .asciz "GNU"; \
    .long 0xc0000002, 4, 1, 0

#endif
