/* context: handler
 *
 * The kernel may build several frames before the first of them has begun, and a signal may come when a handler is done
 * but its frame not yet left. Which frames are below the one at hand, and what they stand for (entry.S tells more).
 */
#include "engine/engine.h"
#include "sf_ucontext.h"

extern const char sf_stub_begun[], sf_stub_leaving[], sf_stub_left[];
extern const char sf_relay_begun[], sf_relay_leaving[], sf_relay_left[];

static int between(uintptr_t pc, const void *low, const char *high)
{
    return pc >= (uintptr_t)low && pc < (uintptr_t)high;
}

static int not_begun(const ucontext_t *uc)
{
    uintptr_t pc = sf_uc_pc(uc);
    return between(pc, (const void *)(uintptr_t)sf_stub, sf_stub_begun) ||
           between(pc, (const void *)(uintptr_t)sf_relay, sf_relay_begun);
}

static int leaves(const ucontext_t *uc)
{
    uintptr_t pc = sf_uc_pc(uc);
    return between(pc, sf_stub_leaving, sf_stub_left) || between(pc, sf_relay_leaving, sf_relay_left) ||
           sf_uc_at_sigreturn(uc);
}

/* The context that matters: that of the frame below, if the one of `uc` came when that was on its way out. Its handler
 * gets that context, too: a profiler is not to see us. */
ucontext_t *sf_frame_interrupted(ucontext_t *uc)
{
    while (leaves(uc))
        uc = sf_uc_leaving(uc);
    return uc;
}

/* Is the interrupted code the engine, in the middle of something, or a frame of ours that has not begun? Then its
 * masks are not those of the program, and must come back as they were. The caller has raised `busy` for itself. */
int sf_frame_ours(const struct sf_lane *lane, const ucontext_t *uc)
{
    if (lane->busy > 1)
        return SF_OURS_BUSY;
    return not_begun(uc) ? SF_OURS_ENTRY : 0;
}

/* The program's context below frames of ours that have not begun or are being left. In *adds what the kernel has
 * blocked for the handlers of those that have not begun: natively they had been entered before that of this frame. */
const ucontext_t *sf_frame_program(const ucontext_t *uc, sf_set *adds)
{
    *adds = 0;
    for (;;) {
        if (not_begun(uc)) {
            int signo = sf_uc_entry_signo(uc);
            struct sf_action act;
            sf_disposition_get(signo, &act);
            if (act.handler > 1 && signo != sf_process.relay[0] && signo != sf_process.relay[1])
                *adds |= act.mask | (act.flags & SA_NODEFER ? 0 : SF_BIT(signo));
            uc = sf_uc_entry_context(uc);
        } else if (leaves(uc)) {
            uc = sf_uc_leaving(uc);
        } else {
            return uc;
        }
    }
}
