/* context: thread
 *
 * The program puts a thread under seccomp. Our code makes calls in that thread which the program does not make, and a
 * filter may kill for them. So the filter's own program is asked first, call by call, what it would say. If it refuses
 * one that we make in the program's threads, we keep out of this one from now on (`strict`: hooks go straight to libc,
 * the stub straight to the handler). If it refuses one that the listener needs, none is started any more.
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>

#include "engine/rest.h"

#define ANY 0 /* an argument that no sensible filter looks at */

struct question {
    int nr;
    uint64_t a[4];
};

/* Made to start the listener, and by it. */
static const struct question of_listener[] = {
    {SYS_clone, {SF_LISTENER_FLAGS}},
    {SYS_prctl, {PR_SET_NAME}},
    {SYS_prctl, {PR_SET_TSC}},
    {SYS_unshare, {CLONE_FILES}},
    {SYS_close_range, {0, ~0u}},
    {SYS_signalfd4, {~0u, ANY, 8}},
    {SYS_epoll_create1, {0}},
    {SYS_epoll_ctl, {0, 1 /* EPOLL_CTL_ADD */}},
    {SYS_epoll_pwait2, {0, ANY, 1}},
    {SYS_timer_create, {CLOCK_PROCESS_CPUTIME_ID}},
    {SYS_timer_settime, {0}},
    {SYS_timer_delete, {0}},
    {SYS_openat, {~0u}},
    {SYS_read, {0}},
    {SYS_close, {0}},
    {SYS_sched_yield, {0}},
    {SYS_exit, {0}},
};

/* Made in threads of the program where they call the listener back from its rest: without it it does not rest. */
static const struct question of_rest[] = {{SYS_timer_settime, {0}}};

static uint32_t arithmetic(unsigned op, uint32_t a, uint32_t b)
{
    switch (op) {
    case BPF_ADD:
        return a + b;
    case BPF_SUB:
        return a - b;
    case BPF_MUL:
        return a * b;
    case BPF_DIV:
        return b ? a / b : 0;
    case BPF_OR:
        return a | b;
    case BPF_AND:
        return a & b;
    case BPF_XOR:
        return a ^ b;
    case BPF_LSH:
        return b < 32 ? a << b : 0;
    case BPF_RSH:
        return b < 32 ? a >> b : 0;
    case BPF_NEG:
        return -a;
    }
    return 0;
}

static int holds(unsigned op, uint32_t a, uint32_t b)
{
    switch (op) {
    case BPF_JEQ:
        return a == b;
    case BPF_JGT:
        return a > b;
    case BPF_JGE:
        return a >= b;
    case BPF_JSET:
        return (a & b) != 0;
    }
    return 1; /* BPF_JA; its distance is k */
}

/* What the filter returns for this call. A program that the kernel would not accept counts as a refusal: then nothing
 * is installed, and nothing has changed. All jumps go forward, so it ends. */
static uint32_t ask(const struct sock_fprog *p, const struct seccomp_data *d)
{
    uint32_t a = 0, x = 0, mem[BPF_MEMWORDS] = {0}, word;

    for (uint64_t pc = 0; pc < p->len; pc++) {
        const struct sock_filter f = p->filter[pc];
        uint32_t b = BPF_SRC(f.code) == BPF_X ? x : f.k;
        switch (BPF_CLASS(f.code)) {
        case BPF_LD:
        case BPF_LDX:
            if (BPF_MODE(f.code) == BPF_IMM)
                word = f.k;
            else if (BPF_MODE(f.code) == BPF_MEM && f.k < BPF_MEMWORDS)
                word = mem[f.k];
            else if (BPF_MODE(f.code) == BPF_LEN)
                word = sizeof *d;
            else if (BPF_MODE(f.code) == BPF_ABS && f.k <= sizeof *d - sizeof word)
                memcpy(&word, (const char *)d + f.k, sizeof word);
            else
                return SECCOMP_RET_KILL_PROCESS;
            *(BPF_CLASS(f.code) == BPF_LD ? &a : &x) = word;
            break;
        case BPF_ST:
        case BPF_STX:
            mem[f.k % BPF_MEMWORDS] = BPF_CLASS(f.code) == BPF_ST ? a : x;
            break;
        case BPF_ALU:
            a = arithmetic(BPF_OP(f.code), a, b);
            break;
        case BPF_JMP:
            pc += BPF_OP(f.code) == BPF_JA ? f.k : holds(BPF_OP(f.code), a, b) ? f.jt : f.jf;
            break;
        case BPF_RET:
            return BPF_RVAL(f.code) == BPF_A ? a : f.k;
        case BPF_MISC:
            if (BPF_MISCOP(f.code) == BPF_TAX)
                x = a;
            else
                a = x;
            break;
        }
    }
    return SECCOMP_RET_KILL_PROCESS;
}

/* Are it and its code there to be read? Every page of it, and the end. */
static int readable(const struct sock_fprog *p)
{
    const char *code, *end;
    if (!sys_pairreadable(p) || !p->len)
        return 0;
    code = (const char *)p->filter;
    end = (const char *)(p->filter + p->len) - sizeof *p->filter;
    for (; code < end; code += 4096)
        if (!sys_sigreadable(code))
            return 0;
    return sys_sigreadable(end);
}

static int allows(const struct sock_fprog *p, const struct question *calls, unsigned n)
{
    struct seccomp_data d;
    memset(&d, 0, sizeof d);
    d.arch = SF_AUDIT_ARCH;
    for (; n; n--, calls++) {
        uint32_t action;
        d.nr = calls->nr;
        memcpy(d.args, calls->a, sizeof calls->a);
        action = ask(p, &d) & SECCOMP_RET_ACTION_FULL;
        if (action != SECCOMP_RET_ALLOW && action != SECCOMP_RET_LOG)
            return 0;
    }
    return 1;
}

#define ALLOWS(p, calls) allows((p), (calls), sizeof(calls) / sizeof(calls)[0])

/* Those made in threads of the program. ppoll and the like: hooks use them where libc has an older call. */
static int allows_thread(const struct sock_fprog *p, const struct sf_lane *lane)
{
    const struct question calls[] = {
        {SYS_rt_sigprocmask, {SIG_SETMASK, ANY, ANY, 8}},
        {SYS_rt_sigpending, {ANY, 8}},
        {SYS_rt_sigtimedwait, {ANY, ANY, ANY, 8}},
        {SYS_rt_tgsigqueueinfo, {(uint64_t)sf_process.pid, (uint64_t)lane->tid, SIGTERM}},
        {SYS_tgkill, {(uint64_t)sf_process.pid, (uint64_t)lane->tid, (uint64_t)sf_process.relay[0]}},
        {SYS_futex, {ANY, 128 /* WAIT | PRIVATE */}},
        {SYS_futex, {ANY, 129 /* WAKE | PRIVATE */, 1}},
        {SYS_getpid, {0}},
        {SYS_gettid, {0}},
        {SYS_clock_gettime, {CLOCK_MONOTONIC}},
        {SYS_ppoll, {ANY, 1, ANY, ANY}},
        {SYS_pselect6, {1}},
        {SYS_epoll_pwait, {0, ANY, 1}},
        {SYS_fcntl, {0, 3 /* F_GETFL */}},
    };
    return ALLOWS(p, calls);
}

/* The one made only where the kernel queues no more, and only if it may be. */
static int allows_kill(const struct sock_fprog *p)
{
    const struct question call[] = {{SYS_kill, {(uint64_t)sf_process.pid, (uint64_t)sf_process.relay[1]}}};
    return ALLOWS(p, call);
}

/* From here on no system call of ours in this thread. It can never change its mask on our behalf again, so that must
 * be the one of the program; but what main takes, main is to get, also while its gate is closed. */
static void keep_out(struct sf_lane *lane)
{
    sf_set mask;
    sf_replay_waiting(lane, ~(sf_set)0);
    /* Never chosen again; what the kernel chooses it for, it gets natively. What the listener has chosen it for by now
     * goes back into the kernel, and comes in with the mask. */
    SF_STORE(&lane->eff, ~(sf_set)0);
    sf_hands_wait();
    sf_slot_return_all(lane);
    mask = lane->vmask;
    if (lane != sf_process.main)
        mask |= SF_LOAD(&sf_process.closed) & ~SF_LOAD(&sf_process.main->eff);
    lane->kmask = mask;
    lane->strict = 1;
    sys_sigprocmask(SIG_SETMASK, &mask, NULL);
}

#define WALLED 1  /* it is this filter that forbids a listener */
#define STEPPED 2 /* the listener is away until the call is made */
#define KEPT 4    /* we have stepped aside for good */

/* The calling thread is about to be put under seccomp: by this filter, or (NULL) the strict one. `all`: and all other
 * threads with it. Returns what sf_sandbox_done wants. Thread context; handlers of what waits run in here.
 *
 * A program of one thread is then all inside, and a listener that is not would be the way out for whoever takes it over.
 * So it leaves before; the next one is made by the thread that is inside. */
int sf_sandbox_enter(struct sf_lane *lane, const struct sock_fprog *filter, int all)
{
    int token = 0, strict;
    if (filter && !readable(filter))
        return 0; /* perhaps a question whether there are filters: the kernel says EFAULT */
    if (sf_tracing())
        sf_file_settle();
    strict = !filter || !allows_thread(filter, lane);
    if (strict || !allows_kill(filter))
        SF_STORE(&sf_process.no_kill, 1);
    if (!filter || !ALLOWS(filter, of_rest))
        sf_rest_never();
    all |= sf_process_threads() == 1;
    if ((strict && all) || (filter && !ALLOWS(filter, of_listener)))
        token |= !__atomic_exchange_n(&sf_process.walled, 1, __ATOMIC_SEQ_CST) ? WALLED : 0;
    if (all && sf_step_out()) {
        token |= STEPPED;
        if (SF_LOAD(&sf_process.walled)) {
            sf_process_direct(SF_FAIL_SECCOMP, 0); /* now: afterwards it may cost the thread its life */
            token |= KEPT;
        }
    }
    if (strict)
        keep_out(lane);
    return token;
}

/* The call has been made. Failed, it was not put there, and all is as before. */
void sf_sandbox_done(struct sf_lane *lane, int token, int failed)
{
    if (failed && (token & WALLED))
        SF_STORE(&sf_process.walled, 0);
    if (failed && (token & KEPT))
        sf_process_undirect();
    if (failed && lane->strict) {
        lane->strict = 0;
        SF_STORE(&lane->eff, lane->vmask);
    }
    if (token & STEPPED)
        sf_step_in(1); /* (a thread that we keep out of starts nothing) */
    if (failed)
        sf_mask_heal(lane);
}
