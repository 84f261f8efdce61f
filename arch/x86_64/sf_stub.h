/* The stubs as macros; the .S files of the rooms above instantiate them. */
#ifndef SF_ARCH_STUB_H
#define SF_ARCH_STUB_H

#include "sf_asm.h"

#define SYS_rt_sigprocmask 14
#define SYS_clone 56
#define SYS_vfork 58
#define SYS_gettid 186
#define SYS_clone3 435
#define SYS_exit 60
#define SIG_SETMASK 2
#define SF_MINUS_EFAULT -14
#define SF_MINUS_ELATE -4093
#define SF_MINUS_EWORK -4094

/* struct sf_call */
#define CALL_NR 0
#define CALL_A1 8
#define CALL_OPEN 56
#define CALL_CLOSED 64
#define CALL_WORK 72
#define CALL_POINT 80
#define CALL_GATE 88

/* long sf_window(struct sf_call *): see engine/window.S for why each step stands where it does. */
#define SF_WINDOW_BODY \
    push %rbx; .cfi_adjust_cfa_offset 8; .cfi_rel_offset %rbx, 0; \
    push %r12; .cfi_adjust_cfa_offset 8; .cfi_rel_offset %r12, 0; \
    push %r13; .cfi_adjust_cfa_offset 8; .cfi_rel_offset %r13, 0; \
    mov %rdi, %rbx; \
    mov CALL_POINT(%rbx), %r12; \
SF_LABEL(sf_window_begin) \
    mov $1, %eax; \
    xchg %eax, (%r12); \
    mov CALL_WORK(%rbx), %rax; \
    cmpl $0, (%rax); \
    jne 4f; \
    cmpl $0, CALL_GATE(%rbx); \
    je 1f; \
    mov $SYS_rt_sigprocmask, %eax; \
    mov $SIG_SETMASK, %edi; \
    lea CALL_OPEN(%rbx), %rsi; \
    xor %edx, %edx; \
    mov $8, %r10d; \
    syscall; \
SF_LABEL(sf_window_opened) \
1:  mov CALL_A1(%rbx), %rdi; \
    mov CALL_A1 + 8(%rbx), %rsi; \
    mov CALL_A1 + 16(%rbx), %rdx; \
    mov CALL_A1 + 24(%rbx), %r10; \
    mov CALL_A1 + 32(%rbx), %r8; \
    mov CALL_A1 + 40(%rbx), %r9; \
    mov CALL_NR(%rbx), %rax; \
SF_LABEL(sf_window_syscall) \
    syscall; \
SF_LABEL(sf_window_after) \
    mov %rax, %r13; \
2:  cmpl $0, CALL_GATE(%rbx); \
    je 3f; \
    mov $SYS_rt_sigprocmask, %eax; \
    mov $SIG_SETMASK, %edi; \
    lea CALL_CLOSED(%rbx), %rsi; \
    xor %edx, %edx; \
    mov $8, %r10d; \
    syscall; \
SF_LABEL(sf_window_closed) \
3:  xor %eax, %eax; \
    xchg %eax, (%r12); \
    mov %r13, %rax; \
    pop %r13; .cfi_adjust_cfa_offset -8; .cfi_restore %r13; \
    pop %r12; .cfi_adjust_cfa_offset -8; .cfi_restore %r12; \
    pop %rbx; .cfi_adjust_cfa_offset -8; .cfi_restore %rbx; \
    ret; \
    .cfi_adjust_cfa_offset 24; .cfi_rel_offset %rbx, 16; .cfi_rel_offset %r12, 8; .cfi_rel_offset %r13, 0; \
SF_LABEL(sf_window_eintr) \
    mov $SF_MINUS_ELATE, %r13; \
    jmp 2b; \
SF_LABEL(sf_window_refused) \
4:  mov $SF_MINUS_EWORK, %r13; \
    jmp 3b; \
SF_LABEL(sf_window_end)

/* What the kernel enters, with (signo, info, context): raises `busy` of the thread's lane, if there is one that we do not
 * keep out of, and that is this thread's (see sf_beside; a vfork child has its parent's); `run` does the work, with the lane
 * or NULL as its fourth argument, and gives back where `busy` is (NULL: no lane) and a word. The last look at that word
 * stands behind the lowering of `busy`, so that who came before left a note there, and who comes after finds a frame that
 * is on its way out: its context stays in rbx to the very end, which is sigreturn. (That restores all registers: none need
 * be saved here.) Up to `begun` the arguments stay where they are. */
#define SF_ENTRY_BODY(begun, run, again, leaving, left) \
    sub $8, %rsp; .cfi_adjust_cfa_offset 8; \
    mov %rdx, %rbx; \
    mov sigferry_guard@gottpoff(%rip), %rcx; \
    mov %fs:(%rcx), %rcx; \
    lea sf_idle_guard(%rip), %rax; \
    cmp %rax, %rcx; \
    je 4f; \
    test %rcx, %rcx; \
    jz 4f; \
    cmpl $0, SF_LANE_STRICT(%rcx); \
    jne 4f; \
    mov SF_LANE_VFORK(%rcx), %eax; \
    or sf_beside(%rip), %eax; \
    jz 6f; \
    mov %rcx, %r8; \
    mov $SYS_gettid, %eax; \
    syscall; \
    mov %r8, %rcx; \
    cmp %eax, SF_LANE_TID(%rcx); \
    jne 4f; \
6:  incl SF_LANE_BUSY(%rcx); \
SF_LABEL(begun) \
5:  call run; \
1:  test %rax, %rax; \
    jz 3f; \
    decl (%rax); \
SF_LABEL(leaving) \
    cmpl $0, (%rdx); \
    jne 2f; \
3:  add $8, %rsp; .cfi_adjust_cfa_offset -8; \
    ret; \
    .cfi_adjust_cfa_offset 8; \
2:  incl (%rax); \
SF_LABEL(left) \
    mov %rbx, %rdi; \
    call again; \
    jmp 1b; \
4:  xor %ecx, %ecx; \
    jmp 5b

/* long sf_clone(flags, stack_top, parent_tid, tls, child_tid, fn, arg) */
#define SF_CLONE_BODY \
    mov 8(%rsp), %rax; \
    and $-16, %rsi; \
    sub $16, %rsi; \
    mov %r9, (%rsi); \
    mov %rax, 8(%rsi); \
    mov %r8, %r10; \
    mov %rcx, %r8; \
    mov $SYS_clone, %eax; \
    syscall; \
    test %rax, %rax; \
    jz 1f; \
    ret; \
1:  .cfi_undefined %rip; \
    xor %ebp, %ebp; \
    pop %rax; \
    pop %rdi; \
    call *%rax; \
    mov %eax, %edi; \
    mov $SYS_exit, %eax; \
    syscall; \
    hlt

/* sigsetjmp: save the arguments, call `pre` (env, savemask), restore, and go on in libc's own function, which
 * returns twice to our caller and not to us. */
#define SF_SETJMP_BODY(pre, real) \
    push %rdi; .cfi_adjust_cfa_offset 8; \
    push %rsi; .cfi_adjust_cfa_offset 8; \
    sub $8, %rsp; .cfi_adjust_cfa_offset 8; \
    call pre; \
    add $8, %rsp; .cfi_adjust_cfa_offset -8; \
    pop %rsi; .cfi_adjust_cfa_offset -8; \
    pop %rdi; .cfi_adjust_cfa_offset -8; \
    mov real(%rip), %rax; \
    jmp *%rax

/* vfork: the child runs on our stack and returns before the parent does, so the return address travels in a
 * register that the kernel preserves. `before` and `after` (of both) are C. */
#define SF_VFORK_BODY(before, after) \
    sub $8, %rsp; .cfi_adjust_cfa_offset 8; \
    call before; \
    add $8, %rsp; .cfi_adjust_cfa_offset -8; \
    pop %rdi; .cfi_adjust_cfa_offset -8; .cfi_register %rip, %rdi; \
    mov $SYS_vfork, %eax; \
    syscall; \
    push %rdi; .cfi_adjust_cfa_offset 8; .cfi_rel_offset %rip, 0; \
    mov %rax, %rdi; \
    jmp after

/* long syscall(long nr, ...): what is no clone with our memory goes to `number`, which finds the arguments where we were
 * given them. (The flags of a clone3 are looked at only if they can be: as sys_sigreadable asks.) vfork by number is
 * `vforks`, for there the caller's return address must survive. Other children with our memory: the call is made here,
 * between `before` and (in the parent) `after`; the child returns on the stack that it was given. */
#define SF_CLONE_VM 0x100
#define SF_AS_VFORK 0x4111 /* CLONE_VM | CLONE_VFORK | SIGCHLD */
#define SF_SYSCALL_BODY(number, vforks, before, after) \
    cmp $SYS_clone, %rdi; \
    je 1f; \
    cmp $SYS_clone3, %rdi; \
    je 2f; \
    cmp $SYS_vfork, %rdi; \
    jne number; \
    jmp vforks; \
1:  test $SF_CLONE_VM, %esi; \
    jz number; \
    test %rdx, %rdx; \
    jnz 3f; \
    cmp $SF_AS_VFORK, %rsi; \
    je vforks; \
    jmp 3f; \
2:  cmp $64, %rdx; \
    jb number; \
    push %rdi; .cfi_adjust_cfa_offset 8; \
    push %rdx; .cfi_adjust_cfa_offset 8; \
    push %rcx; .cfi_adjust_cfa_offset 8; \
    mov $-1, %edi; \
    xor %edx, %edx; \
    mov $8, %r10d; \
    mov $SYS_rt_sigprocmask, %eax; \
    syscall; \
    pop %rcx; .cfi_adjust_cfa_offset -8; \
    pop %rdx; .cfi_adjust_cfa_offset -8; \
    pop %rdi; .cfi_adjust_cfa_offset -8; \
    cmp $SF_MINUS_EFAULT, %eax; \
    je number; \
    test %rsi, %rsi; \
    jz number; \
    testl $SF_CLONE_VM, (%rsi); \
    jz number; \
3:  push %rdi; .cfi_adjust_cfa_offset 8; \
    push %rsi; .cfi_adjust_cfa_offset 8; \
    push %rdx; .cfi_adjust_cfa_offset 8; \
    push %rcx; .cfi_adjust_cfa_offset 8; \
    push %r8; .cfi_adjust_cfa_offset 8; \
    push %r9; .cfi_adjust_cfa_offset 8; \
    sub $8, %rsp; .cfi_adjust_cfa_offset 8; \
    call before; \
    add $8, %rsp; .cfi_adjust_cfa_offset -8; \
    pop %r9; .cfi_adjust_cfa_offset -8; \
    pop %r8; .cfi_adjust_cfa_offset -8; \
    pop %r10; .cfi_adjust_cfa_offset -8; \
    pop %rdx; .cfi_adjust_cfa_offset -8; \
    pop %rsi; .cfi_adjust_cfa_offset -8; \
    pop %rax; .cfi_adjust_cfa_offset -8; \
    mov %rsi, %rdi; \
    mov %rdx, %rsi; \
    mov %r10, %rdx; \
    mov %r8, %r10; \
    mov %r9, %r8; \
    mov 8(%rsp), %r9; \
    syscall; \
    test %rax, %rax; \
    jz 4f; \
    mov %rax, %rdi; \
    jmp after; \
4:  ret

/* uint32_t (uint64_t *reg): the caller's registers under their DWARF numbers, those that calls preserve. */
#define SF_REGISTERS_BODY \
    movq $0, (%rdi); movq $0, 8(%rdi); movq $0, 16(%rdi); movq $0, 32(%rdi); movq $0, 40(%rdi); \
    movq $0, 64(%rdi); movq $0, 72(%rdi); movq $0, 80(%rdi); movq $0, 88(%rdi); \
    mov %rbx, 24(%rdi); \
    mov %rbp, 48(%rdi); \
    lea 8(%rsp), %rax; \
    mov %rax, 56(%rdi); \
    mov %r12, 96(%rdi); \
    mov %r13, 104(%rdi); \
    mov %r14, 112(%rdi); \
    mov %r15, 120(%rdi); \
    mov (%rsp), %rax; \
    mov %rax, 128(%rdi); \
    mov $17, %eax; \
    ret

/* What a call may pass or return, kept around a call of C code. Entered with the stack as at a function's entry. */
#define SF_KEEP_BEGIN \
    push %rax; .cfi_adjust_cfa_offset 8; \
    push %rcx; .cfi_adjust_cfa_offset 8; \
    push %rdx; .cfi_adjust_cfa_offset 8; \
    push %rsi; .cfi_adjust_cfa_offset 8; \
    push %rdi; .cfi_adjust_cfa_offset 8; \
    push %r8; .cfi_adjust_cfa_offset 8; \
    push %r9; .cfi_adjust_cfa_offset 8; \
    push %r10; .cfi_adjust_cfa_offset 8; \
    push %r11; .cfi_adjust_cfa_offset 8; \
    sub $128, %rsp; .cfi_adjust_cfa_offset 128; \
    movups %xmm0, (%rsp); movups %xmm1, 16(%rsp); movups %xmm2, 32(%rsp); movups %xmm3, 48(%rsp); \
    movups %xmm4, 64(%rsp); movups %xmm5, 80(%rsp); movups %xmm6, 96(%rsp); movups %xmm7, 112(%rsp)
#define SF_KEEP_END \
    movups (%rsp), %xmm0; movups 16(%rsp), %xmm1; movups 32(%rsp), %xmm2; movups 48(%rsp), %xmm3; \
    movups 64(%rsp), %xmm4; movups 80(%rsp), %xmm5; movups 96(%rsp), %xmm6; movups 112(%rsp), %xmm7; \
    add $128, %rsp; .cfi_adjust_cfa_offset -128; \
    pop %r11; .cfi_adjust_cfa_offset -8; \
    pop %r10; .cfi_adjust_cfa_offset -8; \
    pop %r9; .cfi_adjust_cfa_offset -8; \
    pop %r8; .cfi_adjust_cfa_offset -8; \
    pop %rdi; .cfi_adjust_cfa_offset -8; \
    pop %rsi; .cfi_adjust_cfa_offset -8; \
    pop %rdx; .cfi_adjust_cfa_offset -8; \
    pop %rcx; .cfi_adjust_cfa_offset -8; \
    pop %rax; .cfi_adjust_cfa_offset -8

/* Call `function`, and keep every register that the caller may have something in. */
#define SF_KEEPING_BODY(function) \
    SF_KEEP_BEGIN; \
    call *function@GOTPCREL(%rip); \
    SF_KEEP_END; \
    ret

/* Ask `ask`(number, first argument, &slot, return address, second, third argument), and go on to the function whose address
 * is in `slot`, with all registers and the return address as they are. */
#define SF_ASKING_BODY(slot, number, ask) \
    SF_KEEP_BEGIN; \
    mov %rdx, %r9; \
    mov %rsi, %r8; \
    mov %rdi, %rsi; \
    mov $number, %edi; \
    lea slot(%rip), %rdx; \
    mov 200(%rsp), %rcx; \
    call ask; \
    SF_KEEP_END; \
    mov slot(%rip), %r11; \
    jmp *%r11

/* The same, but it asks only while the address is not known, or with bit `flag` in the word at `offset` of what the TLS
 * pointer `pointer` leads to. */
#define SF_SEEN_BODY(pointer, offset, flag, slot, number, ask) \
    mov pointer@GOTTPOFF(%rip), %r11; \
    mov %fs:(%r11), %r11; \
    testl $flag, offset(%r11); \
    jne 1f; \
    mov slot(%rip), %r11; \
    test %r11, %r11; \
    je 1f; \
    jmp *%r11; \
1:  SF_ASKING_BODY(slot, number, ask)

#endif
