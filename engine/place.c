/* context: thread
 *
 * raise() and kill(getpid()) in place: a call is a safe point by definition, and the handler must have run when it
 * returns. No trip through the kernel where the kernel would do nothing that we cannot.
 */
#include "engine/event.h"

typedef void (*handler_fn)(int, siginfo_t *, void *);

/* Call the handler of `signo` now, with *info. The calling thread has a lane and does not block it. 1 if it ran; 0: no
 * handler, the caller goes to the kernel. Handlers may jump away. */
int sf_place_raise(struct sf_lane *lane, int signo, siginfo_t *info)
{
    struct sf_action act;
    struct sf_frame frame;
    ucontext_t uc;
    sf_set was = lane->vmask, mask;
    int saved = errno;

    sf_disposition_get(signo, &act);
    if (act.handler <= 1)
        return 0;
    if (act.flags & SA_ONSTACK) {
        /* The kernel knows where the alternate stack is, and whether we are on it. */
        if (sf_requeue(lane, signo, info) != 0)
            return 0;
        SF_OR(&lane->look, SF_BIT(signo));
        sf_replay_waiting(lane, SF_BIT(signo));
        return 1;
    }
    sf_disposition_use(signo, &act);
    if (act.handler <= 1)
        return 0;
    lane->busy++;
    sf_context_get(&uc);
    uc.uc_link = NULL;
    uc.uc_flags = 0;
    SF_SYS(SYS_sigaltstack, NULL, &uc.uc_stack, 0, 0, 0, 0);
    sf_set_put(&uc.uc_sigmask, was);
    sf_frame_push(lane, &frame, signo, NULL);
    lane->vmask = lane->eff = sf_mask_clean(was | act.mask | (act.flags & SA_NODEFER ? 0 : SF_BIT(signo)));
    sf_mask_heal(lane); /* a system call only if it names signals that are not closed anyway */
    sf_event_arrive(lane, signo, info, 0);
    sf_event_begin(lane, &frame, info, act.handler, SF_COUNT_IN_PLACE, 0, saved);
    sf_info_show(signo, info);
    frame.info = info;
    lane->busy--;
    frame.stepped = sf_step_out_of_crash(lane, signo, (int)act.flags);

    ((handler_fn)act.handler)(signo, info, &uc);

    sf_event_end(lane, &frame, NULL, errno);
    sf_step_in_after_crash(lane, frame.stepped);
    lane->busy++;
    mask = sf_set_get(&uc.uc_sigmask);
    sf_wakeup_judge(lane, signo, act.handler);
    sf_frame_pop(lane, &frame);
    lane->ran++;
    if (!(act.flags & SA_RESTART))
        lane->ran_hard++;
    lane->busy--;
    errno = saved;
    sf_mask_set(lane, sf_mask_clean(mask)); /* lets in what came meanwhile */
    return 1;
}
