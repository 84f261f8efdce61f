/* The ledger: shared memory in which every real-time signal of the tree is written down twice, once by its sender and
 * once by whoever handled it.
 *
 * A target is a process (its main thread) or a further thread of one. Who sends raises `users` first and looks at
 * `state` then; who closes a target sets `state` first and waits for `users` then: so at the end nothing is on its way
 * that is not in the books.
 *
 * Real-time signals come in three classes:
 *   P  sent to a process in which only the main thread takes them: their order must hold
 *   Q  sent to a process in which every thread takes them: two threads may handle two at once, only the counts must hold
 *   T  sent to one thread by its own process: their order must hold, and the thread be that one
 *   K  sent to one thread by anybody, with tgkill: these carry no number, so they are counted by who handles them
 * (A queued signal for one thread of another process, which only a raw rt_tgsigqueueinfo can send, looks in every bit like
 * one for that process. Such are sent to main threads only.)
 */
#ifndef CHAOS_LEDGER_H
#define CHAOS_LEDGER_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define TARGETS 64
#define SENDERS (TARGETS + 4) /* every thread of the tree, and those of the driver */
#define KINDS 8               /* real-time signals in use: P 0..2, Q 3..4, T 5..7 */
#define FIRST_Q 3
#define FIRST_T 5
#define KIND_K KINDS
#define STANDARDS 5
#define FAILURES 32
#define OUTSTANDING 400 /* so many of one kind on their way: the sender spares that target */

static const int standard[STANDARDS] = {SIGUSR1, SIGUSR2, SIGHUP, SIGWINCH, SIGURG};

enum { FREE, RESERVED, OPEN, CLOSING };

struct target {
    volatile int state, users, pid, tid, is_process, phase;
    volatile uint32_t generation;
    volatile uint64_t sent_stamp[STANDARDS], seen_stamp[STANDARDS];
    volatile uint32_t sent_k, handled_k;
};

/* What one sender has sent of one kind to one target, and what of it was handled. */
struct account {
    volatile uint32_t sent, handled; /* numbers run on from one owner of a slot to the next */
    volatile uint64_t sum, squares;  /* Q: of the numbers handled, whatever their order */
};

struct ledger {
    struct target target[TARGETS];
    struct account account[SENDERS][TARGETS][KINDS];
    volatile int holds[SENDERS]; /* the target held by each sender, + 1: for the message of one that is never released */
    volatile uint64_t stamp;
    volatile int stop, seed, any_thread, spoil, failures; /* spoil: 'l'ose one, count one 't'wice, 's'wap two */
    volatile uint64_t standards, forks, execs, threads, jumps, spawns, waited, ferried;
    char failure[FAILURES][200];
};

struct ledger *ledger __attribute__((common));

#define LOAD(p) __atomic_load_n((p), __ATOMIC_SEQ_CST)
#define STORE(p, v) __atomic_store_n((p), (v), __ATOMIC_SEQ_CST)
#define ADD(p, v) __atomic_add_fetch((p), (v), __ATOMIC_SEQ_CST)
#define UNUSED __attribute__((unused)) static

UNUSED int kind_signal(int kind) { return SIGRTMIN + 1 + kind; }
UNUSED int raw_pid(void) { return (int)syscall(SYS_getpid); }
UNUSED int raw_tid(void) { return (int)syscall(SYS_gettid); }

UNUSED int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}
UNUSED void nap_us(long us)
{
    struct timespec t = {us / 1000000, us % 1000000 * 1000};
    nanosleep(&t, NULL);
}

UNUSED uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

UNUSED void fail(const char *format, ...)
{
    va_list ap;
    int n = ADD(&ledger->failures, 1) - 1, saved = errno;
    if (n < FAILURES) {
        va_start(ap, format);
        vsnprintf(ledger->failure[n], sizeof ledger->failure[n], format, ap);
        va_end(ap);
    }
    if (getenv("CHAOS_DEBUG"))
        syscall(SYS_kill, raw_pid(), SIGSTOP);
    errno = saved;
}

UNUSED void raise_to(volatile uint64_t *to, uint64_t value)
{
    uint64_t is = LOAD(to);
    while (is < value && !__atomic_compare_exchange_n(to, &is, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        ;
}

UNUSED int map_ledger(const char *path, int create)
{
    int fd = open(path, O_RDWR | O_CLOEXEC | (create ? O_CREAT | O_EXCL : 0), 0600);
    if (fd < 0 || (create && ftruncate(fd, sizeof *ledger) != 0))
        return -1;
    ledger = mmap(NULL, sizeof *ledger, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return ledger == MAP_FAILED ? -1 : 0;
}

/* The number that travels in sigval. */
UNUSED void *pack(int sender, int target, uint32_t generation, uint32_t number)
{
    return (void *)((uintptr_t)number | (uintptr_t)(generation & 0xffff) << 32 | (uintptr_t)target << 48 |
                    (uintptr_t)sender << 56);
}

UNUSED void release_target(int sender, int target)
{
    ADD(&ledger->target[target].users, -1);
    STORE(&ledger->holds[sender], 0);
}

/* Hold `target` open while `sender` sends something to it. 0: it is not open. */
UNUSED int hold_target(int sender, int target)
{
    STORE(&ledger->holds[sender], target + 1);
    ADD(&ledger->target[target].users, 1);
    if (LOAD(&ledger->target[target].state) == OPEN)
        return 1;
    release_target(sender, target);
    return 0;
}

/* Send one real-time signal of `kind`; the target is held. `deliver` makes the call. */
typedef int (*deliver_fn)(struct target *t, int to_thread, int signo, union sigval value);

UNUSED void send_kind(int sender, int target, int kind, deliver_fn deliver)
{
    struct target *t = &ledger->target[target];
    struct account *a = &ledger->account[sender][target][kind];
    union sigval value;
    if (a->sent - LOAD(&a->handled) > OUTSTANDING)
        return;
    value.sival_ptr = pack(sender, target, t->generation, a->sent + 1);
    if (deliver(t, kind >= FIRST_T, kind_signal(kind), value) == 0)
        a->sent++;
    else if (errno != EAGAIN && !ledger->failures)
        fail("sending %d to pid %d tid %d: %s", kind_signal(kind), t->pid, t->tid, strerror(errno));
}

/* Send one standard signal: after the stamp, a handler must begin. */
UNUSED void send_standard(int target, int which)
{
    struct target *t = &ledger->target[target];
    raise_to(&t->sent_stamp[which], ADD(&ledger->stamp, 1));
    if (kill(t->pid, standard[which]) != 0 && !ledger->failures)
        fail("kill %d, %d: %s", t->pid, standard[which], strerror(errno));
    ADD(&ledger->standards, 1);
}

UNUSED void send_k(int target)
{
    struct target *t = &ledger->target[target];
    if (ledger->any_thread || t->sent_k - LOAD(&t->handled_k) > OUTSTANDING)
        return;
    ADD(&t->sent_k, 1);
    if (syscall(SYS_tgkill, t->pid, t->tid, kind_signal(KIND_K)) == 0)
        return;
    ADD(&t->sent_k, -1);
    if (errno != EAGAIN && !ledger->failures)
        fail("tgkill %d, %d: %s", t->pid, t->tid, strerror(errno));
}

/* One signal has been handled (or taken by sigtimedwait) by the calling thread, whose target is
 * `own_slot`. `own_tid` 0: any thread may. */
UNUSED void enter(const siginfo_t *info, int own_slot, int own_tid)
{
    uint64_t packed = (uint64_t)(uintptr_t)info->si_value.sival_ptr;
    uint32_t number = (uint32_t)packed, generation = packed >> 32 & 0xffff;
    int target = packed >> 48 & 0xff, sender = (int)(packed >> 56), kind = info->si_signo - kind_signal(0);
    struct account *a;
    struct target *t;
    if (info->si_code == SI_TKILL && kind == KIND_K && own_slot >= 0) {
        ADD(&ledger->target[own_slot].handled_k, 1);
        return;
    }
    if (info->si_code != SI_QUEUE || target >= TARGETS || sender >= SENDERS || kind < 0 || kind >= KINDS) {
        fail("signal %d with code %d, value %llx in pid %d", info->si_signo, info->si_code, (long long)packed, raw_pid());
        return;
    }
    t = &ledger->target[target];
    a = &ledger->account[sender][target][kind];
    if (t->pid != raw_pid() || (t->generation & 0xffff) != generation)
        fail("number %u of signal %d for pid %d handled in pid %d", number, info->si_signo, t->pid, raw_pid());
    if (own_tid && kind >= FIRST_T && t->tid != own_tid)
        fail("number %u of signal %d from %d for tid %d (pid %d) handled in tid %d of target %d", number, info->si_signo, sender,
             t->tid, t->pid, own_tid, own_slot);
    if (kind >= FIRST_Q && kind < FIRST_T) {
        ADD(&a->sum, (uint64_t)number);
        ADD(&a->squares, (uint64_t)number * number);
        ADD(&a->handled, 1);
    } else {
        if (number != a->handled + 1)
            fail("signal %d from %d to %d (pid %d): number %u came after %u", info->si_signo, sender, target, t->pid, number,
                 a->handled);
        STORE(&a->handled, number);
    }
}

/* All that was sent to `target` has been handled. */
UNUSED int settled(int target)
{
    for (int s = 0; s < SENDERS; s++)
        for (int k = 0; k < KINDS; k++)
            if (ledger->account[s][target][k].sent != LOAD(&ledger->account[s][target][k].handled))
                return 0;
    if (ledger->target[target].sent_k != LOAD(&ledger->target[target].handled_k))
        return 0;
    for (int j = 0; j < STANDARDS; j++)
        if (ledger->target[target].is_process &&
            LOAD(&ledger->target[target].seen_stamp[j]) < ledger->target[target].sent_stamp[j])
            return 0;
    return 1;
}

/* Say what does not agree, and put the books right for the next owner of the slot. */
UNUSED void audit(int target)
{
    struct target *t = &ledger->target[target];
    for (int s = 0; s < SENDERS; s++)
        for (int k = 0; k < KINDS; k++) {
            struct account *a = &ledger->account[s][target][k];
            uint64_t n = a->sent, sum = n * (n + 1) / 2, squares = n * (n + 1) * (2 * n + 1) / 6;
            if (a->handled != a->sent)
                fail("signal %d from %d to %d (pid %d tid %d): %u sent, %u handled", kind_signal(k), s, target, t->pid, t->tid,
                     a->sent, a->handled);
            else if (k >= FIRST_Q && k < FIRST_T && (a->sum != sum || a->squares != squares))
                fail("signal %d from %d to %d (pid %d): one twice, one missing", kind_signal(k), s, target, t->pid);
            a->handled = a->sent;
            a->sum = sum;
            a->squares = squares;
        }
    if (t->sent_k != t->handled_k)
        fail("signal %d to pid %d tid %d: %u sent, %u handled", kind_signal(KIND_K), t->pid, t->tid, t->sent_k, t->handled_k);
    t->sent_k = t->handled_k = 0;
    for (int j = 0; j < STANDARDS; j++) {
        if (t->is_process && t->seen_stamp[j] < t->sent_stamp[j])
            fail("signal %d to pid %d: the last one was not handled", standard[j], t->pid);
        t->seen_stamp[j] = t->sent_stamp[j] = 0;
    }
}

UNUSED int reserve_target(void)
{
    for (int i = 0; i < TARGETS; i++) {
        int is = FREE;
        if (__atomic_compare_exchange_n(&ledger->target[i].state, &is, RESERVED, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            return i;
    }
    return -1;
}

UNUSED void open_target(int i, int is_process)
{
    struct target *t = &ledger->target[i];
    t->pid = raw_pid();
    t->tid = raw_tid();
    t->is_process = is_process;
    t->generation++;
    STORE(&t->state, OPEN);
}

#endif
