/* context: any, with `busy` raised in the thread's lane (a handler that interrupts the owner and wants the lock
 * would wait for ever)
 *
 * A futex lock. 0 free, 1 taken, 2 taken and somebody sleeps. */
#ifndef SF_BASE_LOCK_H
#define SF_BASE_LOCK_H

#include "base/syscall.h"

static inline void sf_lock(volatile uint32_t *word)
{
    uint32_t seen = 0;
    if (__atomic_compare_exchange_n(word, &seen, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return;
    while (__atomic_exchange_n(word, 2, __ATOMIC_ACQUIRE) != 0)
        sys_futex_wait(word, 2, NULL);
}

static inline void sf_unlock(volatile uint32_t *word)
{
    if (__atomic_exchange_n(word, 0, __ATOMIC_RELEASE) == 2)
        sys_futex_wake(word, 1);
}

#endif
