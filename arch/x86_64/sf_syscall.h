/* context: any
 * The system call instruction. Returns -errno, touches no errno, needs no TLS. */
#ifndef SF_ARCH_SYSCALL_H
#define SF_ARCH_SYSCALL_H

#define SF_AUDIT_ARCH AUDIT_ARCH_X86_64 /* what seccomp filters call this machine */

static inline long sf_syscall6(long n, long a, long b, long c, long d, long e, long f)
{
    long ret;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(ret)
                     : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return ret;
}

static inline void sf_relax(void)
{
    __builtin_ia32_pause();
}

#endif
