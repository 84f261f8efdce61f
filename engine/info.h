/* context: any
 * Marks of ours in a siginfo_t that the kernel queues. Part of engine.h. */
#ifndef SF_ENGINE_INFO_H
#define SF_ENGINE_INFO_H

#include "engine/engine.h"

static inline int sf_slot_is_copy(const siginfo_t *info)
{
    return info->si_errno == sf_process.copy;
}

/* Others at SF_AIM_AT, in what is left unused of a siginfo_t with si_code <= 0. */
enum { SF_MARK_AIMED = 4, SF_MARK_LENT = 8 };

static inline void sf_info_mark(siginfo_t *info, int which)
{
    int mark = sf_process.copy ^ which;
    memcpy((char *)info + SF_AIM_AT, &mark, sizeof mark);
}
static inline int sf_info_marked(const siginfo_t *info, int which)
{
    int mark;
    memcpy(&mark, (const char *)info + SF_AIM_AT, sizeof mark);
    return info->si_code <= 0 && mark == (sf_process.copy ^ which); /* 0: sf_slot_offer */
}

/* A queued siginfo_t does not tell whether it was sent to the thread or to the process. What our own hooks send to a
 * thread carries a mark. */
static inline void sf_info_aim(siginfo_t *info)
{
    sf_info_mark(info, SF_MARK_AIMED);
}
static inline int sf_info_aimed(const siginfo_t *info)
{
    return info->si_code == SI_TKILL || sf_info_marked(info, SF_MARK_AIMED);
}
/* The kernel lets no other thread than its receiver queue what kill(2) has sent. It goes as SI_QUEUE, marked. */
static inline void sf_info_lend(siginfo_t *info)
{
    if (info->si_code != SI_USER)
        return;
    info->si_code = SI_QUEUE;
    info->si_value.sival_ptr = NULL;
    sf_info_mark(info, SF_MARK_LENT);
}
/* Before the program sees it. */
static inline void sf_info_clean(siginfo_t *info)
{
    int lent = sf_info_marked(info, SF_MARK_LENT);
    if (info->si_code >= 0 || (!lent && !sf_info_aimed(info)))
        return;
    if (lent)
        info->si_code = SI_USER;
    memset((char *)info + SF_AIM_AT, 0, sizeof(int));
}

/* The program's handler is about to be called with *info. */
static inline void sf_info_show(int signo, siginfo_t *info)
{
    sf_info_clean(info);
    if (__builtin_expect(SF_HAS(sf_observed, signo), 0))
        sf_observe_arrived(signo, info);
}

#endif
