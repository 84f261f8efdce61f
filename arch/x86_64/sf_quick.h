/* The guarded calls that are worth an instruction less, as a macro for guard/stubs.S. */
#ifndef SF_ARCH_QUICK_H
#define SF_ARCH_QUICK_H

/* A guarded call: engine/guard.h has struct sf_guard, to which the TLS pointer `pointer` leads, and guard/guard.h says why
 * each step stands where it does. Outside of others mark `number`, call the function whose address is in `slot`, take the
 * mark away, and only then look whether there is `safe` work: `left` does it, and keeps what was returned. Inside of
 * another one, unwatched, go on to the function. All else, as with the address not known yet, is `body`'s: it finds
 * everything as we found it. What we leave is what we entered: it lies on the stack meanwhile. Between push and pop there is
 * a frame of ours to unwind. (rcx is nobody's on the way back.) */
#define SF_QUICK_BODY(pointer, flags, watch, work, safe, slot, number, body, left) \
    mov pointer@GOTTPOFF(%rip), %r10; \
    mov slot(%rip), %r11; \
    mov %fs:(%r10), %r10; \
    test %r11, %r11; \
    je body; \
    cmpq $0, (%r10); \
    jne 1f; \
    push %r10; .cfi_adjust_cfa_offset 8; \
    movq $number, (%r10); \
    call *%r11; \
    pop %rcx; .cfi_adjust_cfa_offset -8; \
    movq $0, (%rcx); \
    testl $safe, work(%rcx); \
    jne left; \
    ret; \
1:  testl $watch, flags(%r10); \
    jne body; \
    jmp *%r11

#endif
