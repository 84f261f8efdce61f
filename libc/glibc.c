/* context: setup (resolving), handler (the jump buffer questions)
 *
 * What we know about glibc's insides, all of it here. */
#include "base/syscall.h"
#include "libc/libc.h"

#include <errno.h>
#include <string.h>

struct sf_libc sf_libc;

int sf_libc_begin(void)
{
    sf_libc.sigaction = sf_libc_resolve("sigaction");
    sf_libc.pthread_create = sf_libc_resolve("pthread_create");
    sf_libc.siglongjmp = sf_libc_resolve("siglongjmp");
    sf_libc.allocate_rtsig = sf_libc_resolve("__libc_allocate_rtsig");
    /* Past the guard library's: nothing of that need be touched before the program calls it. */
    sf_libc.key_create = sf_libc_beside((void *)sf_libc.allocate_rtsig, "pthread_key_create");
    sf_libc.setspecific = sf_libc_beside((void *)sf_libc.allocate_rtsig, "pthread_setspecific");
    sf_libc.register_atfork = sf_libc_beside((void *)sf_libc.allocate_rtsig, "__register_atfork");
    sf_clock = (int (*)(long, struct timespec *))sf_libc_vdso("__vdso_clock_gettime");
    if (!sf_libc.sigaction || !sf_libc.pthread_create || !sf_libc.siglongjmp || !sf_libc.allocate_rtsig ||
        !sf_libc.key_create || !sf_libc.setspecific || !sf_libc.register_atfork)
        return -ENOENT;
    return 0;
}

uintptr_t sf_libc_jump_sp(const sigjmp_buf env)
{
#define JB_RSP 6
    uintptr_t sp = (uintptr_t)env[0].__jmpbuf[JB_RSP];
    uintptr_t guard;
    /* PTR_DEMANGLE: rotate right by 17, exclusive-or with the guard in the thread's control block. */
    __asm__("ror $17, %0" : "+r"(sp));
    __asm__("mov %%fs:0x30, %0" : "=r"(guard));
    return sp ^ guard;
}

uint64_t *sf_libc_jump_words(sigjmp_buf env)
{
    return (uint64_t *)(void *)&env[0].__saved_mask + 1;
}

int sf_libc_jump_saved(const sigjmp_buf env)
{
    return env[0].__mask_was_saved;
}

/* Recursive mutexes let their owner in, error checking ones tell it. */
int sf_libc_mutex_mine(const char *name, uintptr_t argument, int tid)
{
    const pthread_mutex_t *m = (const pthread_mutex_t *)argument;
    const pthread_rwlock_t *rw = (const pthread_rwlock_t *)argument;
    if (!argument || tid <= 0)
        return 0;
    if (strncmp(name, "pthread_mutex_", 14) == 0 || strncmp(name, "mtx_", 4) == 0) {
        int kind = m->__data.__kind & 3;
        return strstr(name, "lock") && !strstr(name, "unlock") && !strstr(name, "trylock") && m->__data.__owner == tid &&
               (kind == PTHREAD_MUTEX_NORMAL || kind == PTHREAD_MUTEX_ADAPTIVE_NP);
    }
    return strncmp(name, "pthread_rwlock_", 15) == 0 && strstr(name, "lock") && !strstr(name + 15, "unlock") &&
           !strstr(name, "try") && rw->__data.__cur_writer == tid;
}
