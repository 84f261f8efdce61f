/* context: any
 *
 * Signals that a handler has taken, in order, until somebody reads them. It grows by whole chunks of anonymous
 * memory: a handler cannot call malloc, but mmap is a system call like any other. Guarded by a lock that is only
 * held with every signal blocked, so a handler never waits for the thread that it interrupts.
 */
#include "client/client.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#include "base/lock.h"
#include "base/sigset.h"

#define CHUNK_BYTES 65536
#define CHUNK_SIGNALS ((CHUNK_BYTES - 64) / sizeof(siginfo_t))

struct chunk {
    struct chunk *next;
    uint32_t first, last; /* those in between are in use */
    siginfo_t at[CHUNK_SIGNALS] __attribute__((aligned(64)));
};
_Static_assert(sizeof(struct chunk) <= CHUNK_BYTES, "a chunk is a whole number of pages");

static volatile uint32_t lock;
static struct chunk *head, *tail, *spare; /* one empty chunk is kept, so that a lonely signal costs no mmap */
static uint64_t waiting, lost;
static int bell = -1;

/* Raw system calls: under libsigferry.so the hooked ones would be points at which handlers run. */
static void enter(sf_set *old)
{
    sf_set all = ~(sf_set)0;
    sys_sigprocmask(SIG_SETMASK, &all, old);
    sf_lock(&lock);
}

static void leave(const sf_set *old)
{
    sf_unlock(&lock);
    sys_sigprocmask(SIG_SETMASK, old, NULL);
}

static void discard(struct chunk *c)
{
    if (c)
        SF_SYS(SYS_munmap, c, CHUNK_BYTES, 0, 0, 0, 0);
}

static void discard_all(void)
{
    struct chunk *c = head;
    head = tail = NULL; /* first: a fork in another thread copies what it finds */
    while (c) {
        struct chunk *next = c->next;
        discard(c);
        c = next;
    }
    discard(spare);
    spare = NULL;
    waiting = lost = 0;
}

void sf_client_queue_forget(void)
{
    lock = 0;
    discard_all();
    sys_close(bell);
    bell = -1;
}

int sf_client_queue_begin(void)
{
    bell = (int)SF_SYS(SYS_eventfd2, 0, EFD_CLOEXEC | EFD_NONBLOCK, 0, 0, 0, 0);
    return bell;
}

void sf_client_queue_end(void)
{
    sf_set old;
    enter(&old);
    discard_all();
    sys_close(bell);
    bell = -1;
    leave(&old);
}

/* A chunk with room at its end, or NULL. */
static struct chunk *room(void)
{
    struct chunk *c = spare;
    long r;
    if (tail && tail->last < CHUNK_SIGNALS)
        return tail;
    spare = NULL;
    if (!c) {
        r = SF_SYS(SYS_mmap, NULL, CHUNK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (r < 0 && r > -4096)
            return NULL;
        c = (struct chunk *)r;
    }
    c->next = NULL;
    c->first = c->last = 0;
    if (tail)
        tail->next = c;
    else
        head = c;
    tail = c;
    return c;
}

static void ring(void)
{
    static const uint64_t one = 1;
    SF_SYS(SYS_write, bell, &one, sizeof one, 0, 0, 0);
}

static void quiet(void)
{
    uint64_t count;
    sys_read(bell, &count, sizeof count);
}

void sf_client_push(int signo, const siginfo_t *info)
{
    struct chunk *c;
    sf_set old;
    enter(&old);
    if (bell >= 0) {
        c = room();
        if (c) {
            c->at[c->last] = *info;
            c->at[c->last++].si_signo = signo;
            waiting++;
        } else {
            lost++;
        }
        if (waiting + lost == 1)
            ring();
    }
    leave(&old);
}

/* Drops what was taken out of the middle (its number is 0) from the front, and chunks that are read to their end. */
static void tidy(void)
{
    while (head && (head->first == head->last || !head->at[head->first].si_signo)) {
        struct chunk *c = head;
        if (c->first < c->last) {
            c->first++;
            continue;
        }
        head = c->next;
        if (!head)
            tail = NULL;
        if (spare)
            discard(c);
        else
            spare = c;
    }
    if (!waiting && !lost)
        quiet();
}

int sf_client_pop(siginfo_t *info)
{
    int r = 0;
    sf_set old;
    if (!__atomic_load_n(&waiting, __ATOMIC_RELAXED) && !__atomic_load_n(&lost, __ATOMIC_RELAXED))
        return 0;
    enter(&old);
    if (head) { /* after tidy() its first one is a signal */
        *info = head->at[head->first++];
        r = info->si_signo;
        waiting--;
        tidy();
    } else if (lost) {
        lost = 0;
        r = -EOVERFLOW;
        tidy();
    }
    leave(&old);
    return r;
}

int sf_client_pop_one(int signo, siginfo_t *info)
{
    sf_set old;
    int found = 0;
    enter(&old);
    for (struct chunk *c = head; c && !found; c = c->next)
        for (uint32_t i = c->first; i < c->last && !found; i++)
            if (c->at[i].si_signo == signo) {
                *info = c->at[i];
                c->at[i].si_signo = 0;
                found = 1;
            }
    if (found) {
        waiting--;
        tidy();
    }
    leave(&old);
    return found;
}
