/* context: handler
 *
 * Making a finding: who did what where. The stacks are copied as they are, with the registers; the command unwinds and
 * names them, after the process has ended if need be.
 */
#include "engine/check.h"
#include "libc/libc.h"
#include "sf_ucontext.h"

#include <sys/uio.h>

uint32_t sf_watch_all;

/* Whoever comes together finds the same. */
const struct sf_guarded *sf_guarded(uint32_t n)
{
    static const struct sf_guarded nobody;
    static const struct sf_guarded *table; /* hooks/unsafe.def as the guard library has it */
    static uint32_t entries;
    const struct sf_guarded *t = SF_LOAD(&table);
    if (!n)
        return &nobody;
    if (!t) {
        __typeof__(&sigferry_guard_names) names = (__typeof__(names))sf_libc_find("sigferry_guard_names");
        if (!names)
            return &nobody;
        t = names(&entries);
        SF_STORE(&table, t);
    }
    return n < entries ? &t[n] : &nobody;
}

/* Inside which guarded function the signal of `frame` found the thread, 0 none; and what has become of that. A thread
 * that sleeps in a read of stdio or the like is as good as outside. */
uint32_t sf_frame_inside(const struct sf_frame *frame, enum sf_verdict *verdict)
{
    const struct sf_arrival *a = frame->arrival;
    *verdict = SF_VERDICT_POTENTIAL;
    if (frame->inside && !(frame->uc && (frame->flags & SF_GUARD_INPUT) && sf_uc_at_syscall(frame->uc, SYS_read))) {
        *verdict = SF_VERDICT_NATIVE;
        return frame->inside;
    }
    if (a && a->inside && !a->asleep) {
        *verdict = SF_VERDICT_AVERTED;
        return a->inside;
    }
    return 0;
}

static void put_name(char to[48], const char *from)
{
    for (int i = 0; i < 47 && from[i]; i++)
        to[i] = from[i];
}

void sf_find_key(struct sf_finding_head *key, enum sf_finding_kind kind, const struct sf_frame *frame)
{
    enum sf_verdict verdict = SF_VERDICT_POTENTIAL;
    memset(key, 0, sizeof *key);
    key->kind = (uint16_t)kind;
    key->fd = -1;
    if (frame) {
        const struct sf_guarded *in = sf_guarded(sf_frame_inside(frame, &verdict));
        key->signo = (uint8_t)frame->signo;
        key->handler = frame->watched;
        key->inside_family = in->family;
        put_name(key->inside, in->name);
        put_name(key->shot, sf_guarded(frame->shot.function)->name);
        key->shot_count = frame->shot.count;
        key->shot_at = frame->shot.at;
    }
    key->verdict = (uint8_t)verdict;
}

void sf_find_called(struct sf_finding_head *key, const char *name, uint32_t family, uintptr_t caller)
{
    put_name(key->called, name);
    key->called_family = family;
    key->called_pc = caller;
}

/* Our own memory, without a fault where the stack ends. The kernel copies whole pieces: one for each page. */
static uint32_t copy_stack(uint8_t *to, uintptr_t from, uint32_t size)
{
    uint32_t first = SF_PAGE - (uint32_t)(from & (SF_PAGE - 1));
    struct iovec local = {to, size};
    struct iovec remote[2] = {{(void *)from, first < size ? first : size}, {(void *)(from + first), first < size ? size - first : 0}};
    long n = SF_SYS(SYS_process_vm_readv, sf_process.pid, &local, 1, remote, first < size ? 2 : 1, 0);
    return n > 0 ? (uint32_t)n : 0;
}

/* Context `uc`, or NULL: here. The frames in between are kept small: of the stack only so much is copied. */
void sf_find_stack(struct sf_stack *to, const ucontext_t *uc)
{
    if (uc)
        to->regs = sf_uc_registers(uc, to->reg);
    else
        to->regs = sf_registers(to->reg);
    to->pc[0] = to->reg[to->regs - 1];
    to->pc[1] = 0;
    to->raw_at = uc ? sf_uc_sp(uc) : sf_registers_sp(to->reg);
    to->raw_size = SF_LOAD(&sf_process.walled) ? 0 : copy_stack(to->raw, to->raw_at, SF_RAW);
}

static void copy(struct sf_stack *to, const struct sf_stack *from)
{
    memcpy(to, from, offsetof(struct sf_stack, raw) + from->raw_size);
}

/* What is mapped now; the first address that is new reads it all. */
static void note_modules(const struct sf_finding *f)
{
    if (SF_LOAD(&sf_process.walled))
        return;
    sf_module_note((uintptr_t)sf_find);
    sf_module_note(f->head.handler);
    sf_module_note(f->head.called_pc);
    sf_module_note(f->handler_stack.pc[0]);
    sf_module_note(f->inside_stack.pc[0]);
}

__attribute__((noinline)) void sf_find(struct sf_lane *lane, struct sf_finding_head *key, const struct sf_frame *frame, int here)
{
    struct sf_finding *f = sf_finding_open(key, lane->tid);
    if (!f)
        return;
    if (here)
        sf_find_stack(frame ? &f->handler_stack : &f->inside_stack, NULL);
    if (frame && frame->arrival)
        copy(&f->inside_stack, &frame->arrival->stack);
    else if (frame && frame->uc)
        sf_find_stack(&f->inside_stack, frame->uc);
    note_modules(f);
    sf_finding_close(f);
}

/* Provoked, a handler comes to every function that the program calls. One finding for each family of them is enough, and
 * where the function does not matter, one at all. */
void sf_find_merge(struct sf_finding_head *key)
{
    if (key->kind == SF_FIND_UNSAFE_CALL || key->kind == SF_FIND_EXIT_IN_HANDLER) {
        key->verdict = SF_VERDICT_POTENTIAL;
        key->inside_family = 0;
        memset(key->inside, 0, sizeof key->inside);
        return;
    }
    for (int i = 0; i < SF_FINDINGS; i++) {
        const struct sf_finding_head *h = &sigferry_status.finding[i].head;
        if (SF_LOAD(&h->state) == 2 && h->kind == key->kind && h->signo == key->signo && h->handler == key->handler &&
            h->called_pc == key->called_pc && h->inside_family == key->inside_family && h->verdict == key->verdict)
            memcpy(key->inside, h->inside, sizeof key->inside);
    }
}

/* The entry that sf_find has made, or counted, for this key; NULL none. */
struct sf_finding *sf_finding_like(const struct sf_finding_head *key)
{
    for (int i = 0; i < SF_FINDINGS; i++) {
        struct sf_finding *f = &sigferry_status.finding[i];
        if (SF_LOAD(&f->head.state) == 2 && f->head.kind == key->kind && f->head.signo == key->signo &&
            f->head.handler == key->handler && f->head.verdict == key->verdict)
            return f;
    }
    return NULL;
}
