/* context: handler
 *
 * The table of findings. Equal ones are counted in one entry. Two threads that make the same finding for the first time
 * at the same moment may make two entries: the reader adds up equal ones.
 */
#include "base/sigset.h"
#include "base/syscall.h"
#include "trace/ring.h"

static int same_name(const char *a, const char *b)
{
    return memcmp(a, b, sizeof ((struct sf_finding_head *)0)->called) == 0;
}

static int same(const struct sf_finding_head *f, const struct sf_finding_head *key)
{
    return f->kind == key->kind && f->signo == key->signo && f->verdict == key->verdict && f->handler == key->handler &&
           f->called_family == key->called_family && f->inside_family == key->inside_family &&
           f->called_pc == key->called_pc && f->inside_pc == key->inside_pc && f->fd == key->fd &&
           same_name(f->called, key->called) && same_name(f->inside, key->inside);
}

static void fill(struct sf_finding_head *f, const struct sf_finding_head *key, int tid)
{
    uint32_t state = f->state;
    *f = *key;
    f->state = state;
    f->tid = tid;
    f->count = 1;
    f->first_ns = f->last_ns = sf_now();
}

struct sf_finding *sf_finding_open(const struct sf_finding_head *key, int tid)
{
    if (sf_file_state == SF_FILE_NONE)
        sf_file_make();
    for (int i = 0; i < SF_FINDINGS; i++) {
        struct sf_finding *f = &sigferry_status.finding[i];
        uint32_t state = __atomic_load_n(&f->head.state, __ATOMIC_ACQUIRE);
        if (state == 2 && same(&f->head, key)) {
            __atomic_fetch_add(&f->head.count, 1, __ATOMIC_RELAXED);
            __atomic_store_n(&f->head.last_ns, sf_now(), __ATOMIC_RELAXED);
            return NULL;
        }
        if (state)
            continue;
        if (sf_file_pages(f, sizeof *f + SF_NEXT_ENTRY) != 0)
            break;
        if (!__atomic_compare_exchange_n(&f->head.state, &state, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
            i--; /* just taken, perhaps for the same finding: look at it again */
            continue;
        }
        fill(&f->head, key, tid);
        return f;
    }
    sf_count(SF_COUNT_NO_FINDING);
    return NULL;
}

void sf_finding_close(struct sf_finding *f)
{
    __atomic_store_n(&f->head.state, 2, __ATOMIC_RELEASE);
}
