/* context: any
 * Questions to the C library, answered by glibc.c (or, one day, musl.c). */
#ifndef SF_LIBC_LIBC_H
#define SF_LIBC_LIBC_H

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>

/* The libc functions that the engine itself needs, past our own hooks. Set by sf_libc_begin. */
struct sf_libc {
    int (*sigaction)(int, const struct sigaction *, struct sigaction *);
    int (*pthread_create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    void (*siglongjmp)(sigjmp_buf, int) __attribute__((noreturn));
    int (*allocate_rtsig)(int high);
    int (*key_create)(pthread_key_t *, void (*)(void *));
    int (*setspecific)(pthread_key_t, const void *);
    int (*register_atfork)(void (*before)(void), void (*parent)(void), void (*child)(void), void *object);
};
extern struct sf_libc sf_libc;

/* 0, or -ENOENT when a needed symbol is missing. Setup context. */
int sf_libc_begin(void);

/* Does the program take its signals past libc, and so past us? Setup context. (libc/past.c) */
int sf_libc_passed_by(void);

/* The next definition of `name` after ours, in its default version; a function that fails with ENOSYS if there is
 * none. No lock, no memory, no system call: handler context. (libc/resolve.c, in both libraries.) */
void *sf_libc_resolve(const char *name);

/* libc's `name`, for what few programs come to: looked up at the first use. Each function that is called by its name is
 * looked up in every process, and with some two microseconds for five of them that is most of what we cost at a start. */
#define SF_LAZY(name)                                                                       \
    (*({                                                                                    \
        static __typeof__(&(name)) lazy_;                                                   \
        __typeof__(lazy_) now_ = __atomic_load_n(&lazy_, __ATOMIC_RELAXED);                 \
        if (__builtin_expect(!now_, 0))                                                     \
            __atomic_store_n(&lazy_, now_ = (__typeof__(lazy_))sf_libc_resolve(#name), __ATOMIC_RELAXED); \
        now_;                                                                               \
    }))

/* The same, but NULL if there is none. */
void *sf_libc_find(const char *name);

/* The object that `function` is in, in the loader's list: nobody may be changing that meanwhile. */
struct link_map;
const struct link_map *sf_libc_map(const void *function);

/* The definition of `name` in that very object; NULL if there is none. */
void *sf_libc_beside(const void *function, const char *name);

/* What an object has: its own definition of `name`; the section, or the number, that `tag` stands for in its dynamic section.
 * NULL or 0 if it has none. Of `map` only l_addr and l_ld are looked at. */
void *sf_libc_in(const struct link_map *map, const char *name);
const void *sf_libc_section(const struct link_map *map, long tag);
size_t sf_libc_number(const struct link_map *map, long tag);

/* The kernel's own definition of `name`, in the object that it maps into each process; NULL if there is none. */
void *sf_libc_vdso(const char *name);

/* Does `name`, called with this first argument, wait for a lock that thread `tid` holds itself, and so for ever? */
int sf_libc_mutex_mine(const char *name, uintptr_t argument, int tid);

/* The stack pointer that a jump buffer leads to (glibc mangles it). */
uintptr_t sf_libc_jump_sp(const sigjmp_buf env);

/* Words for us in a jump buffer's 1024-bit mask, which the kernel does not use; NULL unless the buffer was
 * filled with a mask (only then is the mask part there at all: glibc's own cleanup buffers are shorter). */
uint64_t *sf_libc_jump_words(sigjmp_buf env);
int sf_libc_jump_saved(const sigjmp_buf env);

#endif
